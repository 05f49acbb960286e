package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

func TestMoreSKUsThanATransactionHolds(t *testing.T) {
	w := newWarehouse(t)
	skus := names(250)
	w.stock(t, 10, skus...)
	total := map[string]money.Quantity{}
	for _, sku := range skus {
		total[sku] = 10
	}
	require.NoError(t, w.Reserve(ctx, order("kept", 2, skus...)))
	require.NoError(t, w.Reserve(ctx, order("kept", 2, skus...)))
	require.NoError(t, w.Reserve(ctx, order("released", 3, skus...)))
	_, err := w.Release(ctx, "released", merchant)
	require.NoError(t, err)
	require.NoError(t, w.Reserve(ctx, order("sold", 4, skus...)))
	require.NoError(t, w.Confirm(ctx, "sold"))

	l := w.requireBalance(t, total)
	require.Equal(t, map[string]string{
		"kept": "RESERVED RESERVED RESERVED", "released": "RELEASED RELEASED RELEASED", "sold": "SOLD SOLD SOLD",
	}, l.states)
	require.Equal(t, [3]money.Quantity{4, 2, 4}, l.books[skus[249]])
}

func TestAChunkRefusedGivesTheEarlierOnesBack(t *testing.T) {
	for name, short := range map[string]int{"in the first": 0, "in the second": 120, "in the third": 240} {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t)
			skus := names(250)
			w.stock(t, 10, skus...)
			w.stock(t, 1, skus[short])
			err := w.Reserve(ctx, order("s", 2, skus...))
			var refused *inventory.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, skus[short], refused.SKU)
			l := w.requireBalance(t, map[string]money.Quantity{skus[0]: l0(short), skus[249]: 10})
			require.NotContains(t, l.states["s"], "RESERVED")
			w.stock(t, 10, skus[short])
			require.Equal(t, err, w.Reserve(ctx, order("s", 2, skus...)), "a late delivery")
		})
	}
}

func l0(short int) money.Quantity {
	if short == 0 {
		return 1
	}
	return 10
}

// The earlier chunks cannot be given back: the answer is no refusal, so the saga
// compensates, and Release does it.
func TestARefusalThatCannotGiveBackIsInDoubt(t *testing.T) {
	w := newWarehouse(t).inChunksOf(2)
	prepared()(t, w)
	w.crashAt(2, false, func(w warehouse) string {
		err := w.Reserve(ctx, order("s", 2, "A", "B", "Z"))
		var refused *inventory.RefusedError
		require.Error(t, err)
		require.NotErrorAs(t, err, &refused)
		return ""
	})
	require.Equal(t, "RESERVED", w.ledger(t).states["s"])
	require.Equal(t, "releaseddone", release(w))
	require.Equal(t, "RELEASED", w.requireBalance(t, counted).states["s"])
}

// A Reserve hangs between its chunks while its saga is released: the chunk that
// comes late must not be reserved.
func TestReleaseStopsALateChunk(t *testing.T) {
	w := newWarehouse(t).inChunksOf(2)
	prepared()(t, w)
	writes := 0
	w.db.set(func(operation string) (bool, error) {
		if writes++; writes == 2 {
			w.db.set(healthy)
			require.Equal(t, "releaseddone", release(w))
		}
		return true, nil
	})
	require.Equal(t, "saga_ended", code(w.Reserve(ctx, order("s", 2, "A", "B", "C"))))
	require.Equal(t, "RELEASED", w.requireBalance(t, counted).states["s"])
}

// The gate of an old saga is gone, a chunk behind it is not: Release finds it.
func TestReleaseFindsChunksWithoutAGate(t *testing.T) {
	w := newWarehouse(t).inChunksOf(2)
	prepared(order("s", 2, "A", "B", "C"))(t, w)
	w.remove(t, "BARRIER#s", "000")
	require.Equal(t, "nothing_to_releasedone", release(w))
	require.Equal(t, "RELEASED RELEASED", w.ledger(t).states["s"])
	require.Equal(t, [3]money.Quantity{10, 0, 0}, w.books(t, "C"))
}

func TestConfirmOfHalfAReservationIsAnAlarm(t *testing.T) {
	w := newWarehouse(t).inChunksOf(2)
	prepared()(t, w)
	w.crashAt(1, false, reserve(2, "A", "B", "C"))
	require.Equal(t, "reservation_incomplete", code(w.Confirm(ctx, "s")))
	require.Equal(t, "RESERVED", w.requireBalance(t, counted).states["s"])
}
