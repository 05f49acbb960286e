package inventory_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// scenario is one call to the store, from a prepared state, for saga s.
type scenario struct {
	name    string
	chunk   int // SKUs in a chunk
	prepare func(t *testing.T, f fixture)
	call    func(f fixture) string // returns the result as text
}

func scenarios() []scenario {
	small, large := order("s", 2, "A", "B"), order("s", 2, "A", "B", "C", "D", "E")
	return []scenario{
		{"reserve", 98, prepare(), reserve(2, "A", "B")},
		{"reserve, out of stock", 98, prepare(), reserve(2, "A", "Z")},
		{"reserve, unknown SKU", 98, prepare(), reserve(2, "A", "NOPE")},
		{"reserve again", 98, prepare(small), reserve(2, "A", "B")},
		{"reserve in chunks", 2, prepare(), reserve(2, "A", "B", "C", "D", "E")},
		{"reserve in chunks, out of stock in the second", 2, prepare(), reserve(2, "A", "B", "Z")},
		{"reserve in chunks, out of stock in the fourth", 2, prepare(), reserve(2, "A", "B", "C", "D", "E", "F", "Z")},
		{"release", 98, prepare(small), release},
		{"release of nothing", 98, prepare(), release},
		{"release of chunks", 2, prepare(large), release},
		{"confirm", 98, prepare(small), confirm},
		{"confirm of chunks", 2, prepare(large), confirm},
		{"confirm of a batch", 98, prepare(small, order("t", 3, "B", "C")), confirmBatch("s", "t", "s", "none")},
		{"confirm of a batch with chunks", 2, prepare(large, order("t", 3, "B")), confirmBatch("t", "s")},
		{"reserve of shards", 98, prepareSplit(), reserve(2, "A", "B", "C")},
		{"reserve of shards in chunks, out of stock in the second", 2, prepareSplit(), reserve(2, "A", "B", "Z")},
		{"reserve of more than a shard has", 98, prepareSplit(), reserve(7, "A", "B")},
		{"reserve of shards, out of stock", 98, prepareSplit(), reserve(11, "A", "B")},
		{"release of shards", 98, prepareSplit(small), release},
		{"release of merged shards", 98, merged(prepareSplit(small)), release},
		{"confirm of shards", 98, prepareSplit(small), confirm},
		{"return", 98, prepareSold(), takeBack(2, "A", "B")},
		{"return, not sold", 98, prepareSold(), takeBack(2, "A", "Z")},
		{"return in chunks", 2, prepareSold(), takeBack(2, "A", "B", "C", "D", "E")},
		{"return in chunks, not sold in the third", 2, prepareSold(), takeBack(2, "A", "B", "C", "D", "Z")},
		{"release of a return in chunks", 2, prepareSold(back(large)), release},
		{"confirm of a return in chunks", 2, prepareSold(back(large)), confirm},
	}
}

// counted returns the stock that prepare puts on hand.
func counted() map[string]money.Quantity {
	return map[string]money.Quantity{"A": 10, "B": 10, "C": 10, "D": 10, "E": 10, "Z": 1}
}

// prepare empties the table but for the counted stock and makes reservations.
func prepare(reservations ...inventory.Reservation) func(*testing.T, fixture) {
	return func(t *testing.T, f fixture) {
		t.Helper()
		f.restart(t, counted())
		for _, r := range reservations {
			require.NoError(t, f.Reserve(t.Context(), r))
		}
	}
}

// prepareSplit splits all SKUs but Z, and then makes reservations.
func prepareSplit(reservations ...inventory.Reservation) func(*testing.T, fixture) {
	return func(t *testing.T, f fixture) {
		t.Helper()
		prepare()(t, f)
		for _, sku := range []string{"A", "B", "C", "D", "E"} {
			require.NoError(t, f.Split(t.Context(), merchant, sku, 2))
		}
		for _, r := range reservations {
			require.NoError(t, f.Reserve(t.Context(), r))
		}
	}
}

// merged prepares a state and merges A and B.
func merged(prepare func(*testing.T, fixture)) func(*testing.T, fixture) {
	return func(t *testing.T, f fixture) {
		t.Helper()
		prepare(t, f)
		require.NoError(t, f.Merge(t.Context(), merchant, "A"))
		require.NoError(t, f.Merge(t.Context(), merchant, "B"))
	}
}

// prepareSold sells three of each SKU but Z, and then makes reservations.
func prepareSold(reservations ...inventory.Reservation) func(*testing.T, fixture) {
	return func(t *testing.T, f fixture) {
		t.Helper()
		prepare(order("sale", 3, "A", "B", "C", "D", "E"))(t, f)
		require.NoError(t, f.Confirm(t.Context(), "sale"))
		for _, r := range reservations {
			require.NoError(t, f.Reserve(t.Context(), r))
		}
	}
}

// back returns a reservation of goods that come back.
func back(r inventory.Reservation) inventory.Reservation {
	r.Returns = true
	return r
}

func takeBack(q money.Quantity, skus ...string) func(fixture) string {
	return func(f fixture) string { return result(f.Reserve(ctx, back(order("s", q, skus...)))) }
}

func reserve(q money.Quantity, skus ...string) func(fixture) string {
	return func(f fixture) string { return result(f.Reserve(ctx, order("s", q, skus...))) }
}

// Results of release as text.
const (
	released         = "released: done"
	nothingToRelease = "nothing_to_release: done"
)

func release(f fixture) string {
	outcome, err := f.Release(ctx, "s", merchant)
	if err != nil {
		return result(err)
	}
	return outcome + ": " + result(nil)
}

func confirm(f fixture) string { return result(f.Confirm(ctx, "s")) }

// confirmBatch returns the results of sagas that are confirmed together.
func confirmBatch(sagas ...string) func(fixture) string {
	return func(f fixture) string {
		var all []string
		for _, r := range f.ConfirmAll(ctx, sagas) {
			all = append(all, result(r.Err))
		}
		return strings.Join(all, " ")
	}
}

// result returns the result of a call as text.
func result(err error) string {
	if refused, ok := errors.AsType[*inventory.RefusedError](err); ok {
		return "refused: " + refused.Error()
	}
	if err != nil {
		return code(err)
	}
	return "done"
}
