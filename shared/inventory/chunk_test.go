package inventory_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

func TestMoreSKUsThanATransactionHolds(t *testing.T) {
	t.Parallel()
	f := setup(t)
	skus := skus(250)
	total := stockOf(10, skus...)
	f.restart(t, total)
	require.NoError(t, f.Reserve(ctx, order("kept", 2, skus...)))
	require.NoError(t, f.Reserve(ctx, order("kept", 2, skus...)))
	require.NoError(t, f.Reserve(ctx, order("released", 3, skus...)))
	_, err := f.Release(ctx, "released", merchant)
	require.NoError(t, err)
	require.NoError(t, f.Reserve(ctx, order("sold", 4, skus...)))
	require.NoError(t, f.Confirm(ctx, "sold"))

	l := f.requireBalance(t, total)
	require.Equal(t, map[string]string{
		"kept": "RESERVED RESERVED RESERVED", "released": "RELEASED RELEASED RELEASED", "sold": "SOLD SOLD SOLD",
	}, l.states)
	require.Equal(t, [3]money.Quantity{4, 2, 4}, l.levels[skus[249]])
}

func TestARefusedChunkReleasesTheEarlierOnes(t *testing.T) {
	t.Parallel()
	for name, short := range map[string]int{"in the first": 0, "in the second": 120, "in the third": 240} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			skus := skus(250)
			total := stockOf(10, skus...)
			total[skus[short]] = 1
			f.restart(t, total)
			err := f.Reserve(ctx, order("s", 2, skus...))
			refused, ok := errors.AsType[*inventory.RefusedError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, skus[short], refused.SKU)
			l := f.requireBalance(t, total)
			require.NotContains(t, l.states["s"], "RESERVED")
			f.stock(t, 10, skus[short])
			require.Equal(t, err, f.Reserve(ctx, order("s", 2, skus...)), "a late delivery")
		})
	}
}

// The earlier chunks cannot be released: the error is not a refusal, so the saga compensates,
// and Release releases them.
func TestARefusalThatCannotReleaseIsInDoubt(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	prepare()(t, f)
	f.crashAt(2, false, func(f fixture) string {
		err := f.Reserve(ctx, order("s", 2, "A", "B", "Z"))
		require.Error(t, err)
		_, refused := errors.AsType[*inventory.RefusedError](err)
		require.False(t, refused)
		return ""
	})
	require.Equal(t, "RESERVED", f.ledger(t).states["s"])
	require.Equal(t, released, release(f))
	require.Equal(t, "RELEASED", f.requireBalance(t, counted()).states["s"])
}

// A Reserve hangs between its chunks while its saga is released: the late chunk must not be
// reserved.
func TestReleaseStopsALateChunk(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	prepare()(t, f)
	writes := 0
	f.db.set(func(operation string) (bool, error) {
		if writes++; writes == 2 {
			f.db.set(healthy)
			require.Equal(t, released, release(f))
		}
		return true, nil
	})
	require.Equal(t, "saga_ended", code(f.Reserve(ctx, order("s", 2, "A", "B", "C"))))
	require.Equal(t, "RELEASED", f.requireBalance(t, counted()).states["s"])
}

// The gate of an old saga has expired, another chunk has not: Release finds it.
func TestReleaseFindsChunksWithoutAGate(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	prepare(order("s", 2, "A", "B", "C"))(t, f)
	f.remove(t, "BARRIER#s", "000")
	require.Equal(t, nothingToRelease, release(f))
	require.Equal(t, "RELEASED RELEASED", f.ledger(t).states["s"])
	require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "C"))
}

func TestConfirmOfAnIncompleteReservationIsAFault(t *testing.T) {
	t.Parallel()
	f := setup(t).withChunkSize(2)
	prepare()(t, f)
	f.crashAt(1, false, reserve(2, "A", "B", "C"))
	require.Equal(t, "reservation_incomplete", code(f.Confirm(ctx, "s")))
	require.Equal(t, "RESERVED", f.requireBalance(t, counted()).states["s"])
}
