package inventory_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

// scenario is one call to the store, from a prepared state.
type scenario struct {
	name    string
	chunk   int // SKUs in a chunk
	prepare func(t *testing.T, w warehouse)
	do      func(w warehouse) string // the answer
}

func reserve(q money.Quantity, skus ...string) func(warehouse) string {
	return func(w warehouse) string { return said(w.Reserve(ctx, order("s", q, skus...))) }
}

func release(w warehouse) string {
	outcome, err := w.Release(ctx, "s", merchant)
	return outcome + said(err)
}

func confirm(w warehouse) string { return said(w.Confirm(ctx, "s")) }

// said is an answer as its reader sees it.
func said(err error) string {
	var refused *inventory.RefusedError
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &refused):
		return "refused: " + refused.Error()
	default:
		return code(err)
	}
}

func prepared(reservations ...inventory.Reservation) func(*testing.T, warehouse) {
	return func(t *testing.T, w warehouse) {
		t.Helper()
		w.restart(t, counted)
		for _, r := range reservations {
			require.NoError(t, w.Reserve(t.Context(), r))
		}
	}
}

// counted is what prepared puts on the shelves.
var counted = map[string]money.Quantity{"A": 10, "B": 10, "C": 10, "D": 10, "E": 10, "Z": 1}

func scenarios() []scenario {
	small, large := order("s", 2, "A", "B"), order("s", 2, "A", "B", "C", "D", "E")
	return []scenario{
		{"reserve", 98, prepared(), reserve(2, "A", "B")},
		{"reserve, out of stock", 98, prepared(), reserve(2, "A", "Z")},
		{"reserve, unknown SKU", 98, prepared(), reserve(2, "A", "NOPE")},
		{"reserve again", 98, prepared(small), reserve(2, "A", "B")},
		{"reserve in chunks", 2, prepared(), reserve(2, "A", "B", "C", "D", "E")},
		{"reserve in chunks, out of stock in the second", 2, prepared(), reserve(2, "A", "B", "Z")},
		{"reserve in chunks, out of stock in the fourth", 2, prepared(), reserve(2, "A", "B", "C", "D", "E", "F", "Z")},
		{"release", 98, prepared(small), release},
		{"release of nothing", 98, prepared(), release},
		{"release of chunks", 2, prepared(large), release},
		{"confirm", 98, prepared(small), confirm},
		{"confirm of chunks", 2, prepared(large), confirm},
	}
}

// ctx of calls in tables, which outlive no test.
var ctx = context.Background()
