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

// Many goroutines want more than there is: exactly as much is reserved as there
// is stock for, and the books balance.
func TestConcurrentReservationsNeverOversell(t *testing.T) {
	w := newWarehouse(t)
	skus, total := names(10), map[string]money.Quantity{}
	w.stock(t, 30, skus...)
	for _, sku := range skus {
		total[sku] = 30
	}
	var wg sync.WaitGroup
	answers := make([]string, 100)
	for g := range answers {
		wg.Go(func() { answers[g] = w.trade(g, skus) })
	}
	wg.Wait()
	require.Contains(t, answers, "sold")
	require.Contains(t, answers, "out_of_stock")
	require.Subset(t, []string{"sold", "released", "kept", "out_of_stock"}, answers)
	l := w.requireBalance(t, total)
	for g, answer := range answers {
		require.Equal(t, map[string]string{
			"sold": "SOLD", "kept": "RESERVED", "released": "RELEASED", "out_of_stock": "RELEASED",
		}[answer], l.states[fmt.Sprintf("s%d", g)])
	}
}

// trade reserves two SKUs, each call twice at once, then sells, gives back or
// keeps, by its number.
func (w warehouse) trade(g int, skus []string) string {
	saga := fmt.Sprintf("s%d", g)
	wanted := order(saga, money.Quantity(3+g%5), skus[g%10], skus[(g*7+3)%10])
	var twin sync.WaitGroup
	twin.Go(func() { _ = w.Reserve(ctx, wanted) })
	err := w.Reserve(ctx, wanted)
	twin.Wait()
	switch {
	case err != nil:
		return code(err)
	case g%3 == 0:
		return "kept"
	case g%3 == 1:
		if err := w.Confirm(ctx, saga); err != nil {
			return code(err)
		}
		return "sold"
	default:
		if _, err := w.Release(ctx, saga, merchant); err != nil {
			return code(err)
		}
		return "released"
	}
}

// A clock that is two minutes off only moves the expiry of barriers.
func TestClockSkewIsHarmless(t *testing.T) {
	w := newWarehouse(t)
	prepared()(t, w)
	behind := inventory.New(w.db, inventory.Config{Table: w.table}, func() time.Time { return noon.Add(-2 * time.Minute) })
	require.NoError(t, behind.Reserve(ctx, order("s", 2, "A")))
	require.Equal(t, "releaseddone", release(w))
	require.Equal(t, "saga_ended", code(behind.Reserve(ctx, order("s", 2, "A"))))
}
