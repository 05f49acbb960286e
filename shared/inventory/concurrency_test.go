package inventory_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// Many goroutines request more than there is, while SKUs are split and merged: the store reserves no more
// than is on hand, and the books balance.
func TestConcurrentReservationsNeverOversell(t *testing.T) {
	t.Parallel()
	f := setup(t)
	skus := skus(10)
	f.stock(t, 30, skus...)
	var wg, arrangers sync.WaitGroup
	ended := make(chan struct{})
	for a := range 2 {
		arrangers.Go(func() { f.arrange(skus[a:a+3], ended) })
	}
	results := make([]string, 100)
	for g := range results {
		wg.Go(func() { results[g] = f.trade(g, skus) })
	}
	wg.Wait()
	close(ended)
	arrangers.Wait()
	require.Contains(t, results, "sold")
	require.Contains(t, results, "out_of_stock")
	require.Subset(t, []string{"sold", "released", "kept", "out_of_stock"}, results)
	l := f.requireBalance(t, stockOf(30, skus...))
	for g, result := range results {
		require.Equal(t, map[string]string{
			"sold": "SOLD", "kept": "RESERVED", "released": "RELEASED", "out_of_stock": "RELEASED",
		}[result], l.states[fmt.Sprintf("s%d", g)])
	}
}

// arrange splits and merges SKUs until the end.
func (f fixture) arrange(skus []string, ended chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-ended:
			return
		default:
			_ = f.Split(ctx, merchant, skus[n%3], 1)
			_ = f.Merge(ctx, merchant, skus[(n+1)%3])
		}
	}
}

// trade reserves two SKUs in two concurrent calls of the same saga, then confirms, releases or
// keeps them, by its number g.
func (f fixture) trade(g int, skus []string) string {
	saga := fmt.Sprintf("s%d", g)
	reservation := order(saga, money.Quantity(3+g%5), skus[g%10], skus[(g*7+3)%10])
	var duplicate sync.WaitGroup
	duplicate.Go(func() { _ = f.Reserve(ctx, reservation) })
	err := f.Reserve(ctx, reservation)
	duplicate.Wait()
	switch {
	case err != nil:
		return code(err)
	case g%3 == 0:
		return "kept"
	case g%3 == 1:
		if err := f.Confirm(ctx, saga); err != nil {
			return code(err)
		}
		return "sold"
	default:
		if _, err := f.Release(ctx, saga, merchant); err != nil {
			return code(err)
		}
		return "released"
	}
}

// A clock that is two minutes slow only changes when barriers expire.
func TestClockSkewIsHarmless(t *testing.T) {
	t.Parallel()
	f := setup(t)
	prepare()(t, f)
	slow := inventory.New(f.db, inventory.Config{Table: f.table}, func() time.Time { return noon().Add(-2 * time.Minute) })
	require.NoError(t, slow.Reserve(ctx, order("s", 2, "A")))
	require.Equal(t, released, release(f))
	require.Equal(t, "saga_ended", code(slow.Reserve(ctx, order("s", 2, "A"))))
}
