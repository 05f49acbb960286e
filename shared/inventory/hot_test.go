package inventory_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/resilience"
)

// rush is a rate of sales against a table in memory whose transactions hold their items for 25 ms (DESIGN §8).
type rush struct {
	*memory

	stores []*inventory.Store // of several instances

	sales sync.Mutex
	codes map[string]int // of the reservations; empty for a success
	waits []time.Duration
	queue []string // reserved sagas that are not confirmed
}

func newRush(onHand map[string]money.Quantity) *rush {
	r := &rush{
		memory: &memory{held: 25 * time.Millisecond, reads: 5 * time.Millisecond, items: map[conflict.Key]dynamo.Item{}},
		codes:  map[string]int{},
	}
	for range 20 {
		r.stores = append(r.stores, inventory.New(r.memory, inventory.Config{Table: "t"}, noon))
	}
	for sku, q := range onHand {
		item := dynamo.Key(stockPrefix+sku, "STOCK")
		item["on_hand"] = dynamo.N(int64(q))
		r.add(item)
	}
	return r
}

// confirm confirms what is reserved, 50 sagas in a batch, until all is: as one of five consumers of the queue.
func (r *rush) confirm(t *testing.T, consumer int, all func() bool) {
	t.Helper()
	for {
		_ = resilience.Sleep(t.Context(), 200*time.Millisecond)
		ended := all()
		r.sales.Lock()
		n := min(len(r.queue), inventory.MaxConfirm)
		sagas := r.queue[:n]
		r.queue = r.queue[n:]
		r.sales.Unlock()
		if n == 0 && ended {
			return
		}
		if n == 0 {
			continue
		}
		for _, result := range r.stores[consumer].ConfirmAll(t.Context(), sagas) {
			require.NoError(t, result.Err)
		}
	}
}

// sell makes n reservations at a constant rate a second, which are confirmed in batches meanwhile.
func (r *rush) sell(t *testing.T, n, rate int, of func(i int) inventory.Reservation) {
	t.Helper()
	var wg, consumers sync.WaitGroup
	var ended atomic.Bool
	for c := range 5 {
		consumers.Go(func() { r.confirm(t, c, ended.Load) })
	}
	for i := range n {
		wg.Go(func() {
			began := time.Now() //nolint:forbidigo // the bubble's clock
			err := r.stores[i%len(r.stores)].Reserve(t.Context(), of(i))
			r.sales.Lock()
			defer r.sales.Unlock()
			if r.codes[code(err)]++; err == nil {
				r.queue = append(r.queue, of(i).SagaID)
			}
			r.waits = append(r.waits, time.Since(began))
		})
		_ = resilience.Sleep(t.Context(), time.Second/time.Duration(rate))
	}
	wg.Wait()
	ended.Store(true)
	consumers.Wait()
	slices.Sort(r.waits)
	t.Logf("%d at %d/s: %v, p50 %v, p95 %v, max %v, %d conflicts",
		n, rate, r.codes, r.waits[n/2], r.waits[n*95/100], r.waits[n-1], r.conflicts)
}

func oneUnit(sku string) func(int) inventory.Reservation {
	return func(i int) inventory.Reservation { return order(fmt.Sprint("s", i), 1000, sku) }
}

// TestOneSKUBearsARush: 200 sales a second, of which none is refused; at 160 the slow ones take less than a second.
func TestOneSKUBearsARush(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{160, 200} {
		t.Run(strconv.Itoa(rate), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 5 * rate
				r := newRush(map[string]money.Quantity{"A": 2_000_000})
				r.sell(t, n, rate, oneUnit("A"))
				require.Equal(t, map[string]int{"": n}, r.codes)
				if rate == 160 {
					require.Less(t, r.waits[n*95/100], time.Second)
				}
				sold := money.Quantity(n) * 1000
				require.Equal(t, [3]money.Quantity{2_000_000 - sold, 0, sold}, r.level("A"))
			})
		})
	}
}

// TestARushOnTheLastUnits: each unit is sold, and everybody else is told that there are no more.
func TestARushOnTheLastUnits(t *testing.T) {
	t.Parallel()
	for _, units := range []int{0, 1, 20, 100, 333} {
		t.Run(strconv.Itoa(units), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 600
				r := newRush(map[string]money.Quantity{"A": money.Quantity(units) * 1000})
				r.sell(t, n, 200, oneUnit("A"))
				require.Equal(t, n-units, r.codes["out_of_stock"])
				require.Equal(t, units, r.codes[""])
			})
		})
	}
}

// TestARushOnOneSKUOfMany: an invoice of many SKUs of which one is hot splits only that one.
func TestARushOnOneSKUOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 400
		onHand := map[string]money.Quantity{"HOT": 2_000_000}
		for i := range 2 * n {
			onHand[fmt.Sprint("C", i)] = 5000
		}
		r := newRush(onHand)
		r.sell(t, n, 160, func(i int) inventory.Reservation {
			return order(fmt.Sprint("s", i), 1000, "HOT", fmt.Sprint("C", 2*i), fmt.Sprint("C", 2*i+1))
		})
		require.Equal(t, map[string]int{"": n}, r.codes)
		for key := range r.items {
			require.False(t, key.SK == "SHARD#00" && key.PK != stockPrefix+"HOT", key.PK)
		}
	})
}

// TestConcurrentSalesOfOneSKUUnderTheConflictRule: DynamoDB Local refuses what meets a transaction.
func TestConcurrentSalesOfOneSKUUnderTheConflictRule(t *testing.T) {
	t.Parallel()
	f := setup(t)
	client, transport := dynamotest.ConflictingClient(t, 12*time.Millisecond, 13*time.Millisecond)
	f.stock(t, 100_000, "A", "B")
	const n = 40
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			patient := inventory.Config{Table: f.table, Patience: time.Minute, Attempts: 1000}
			errs[i] = inventory.New(client, patient, noon).Reserve(ctx, order(fmt.Sprint("s", i), 1000, "A", "B"))
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Positive(t, transport.Conflicts())
	l := f.requireBalance(t, stockOf(100_000, "A", "B"))
	require.Equal(t, [3]money.Quantity{60_000, 40_000, 0}, l.levels["A"])
}

// level returns on hand, reserved and sold.
func (r *rush) level(sku string) (level [3]money.Quantity) {
	for key, item := range r.items {
		if key.PK == stockPrefix+sku {
			for i, column := range columns() {
				level[i] += quantity(item[column])
			}
		}
	}
	return level
}
