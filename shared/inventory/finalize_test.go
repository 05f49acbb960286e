package inventory_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

func TestReleaseRestoresTheStockOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A")))
	for range 3 {
		outcome, err := f.Release(t.Context(), "s", merchant)
		require.NoError(t, err)
		require.Equal(t, inventory.Released, outcome)
		require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "A"))
	}
}

func TestEmptyCompensationLeavesABarrier(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 2 {
		outcome, err := f.Release(t.Context(), "s", merchant)
		require.NoError(t, err)
		require.Equal(t, inventory.NothingToRelease, outcome)
	}
	require.Equal(t, "RELEASED", plain(f.barrier(t, "s", "000")["state"]))
}

func TestReleaseErrors(t *testing.T) { //nolint:tparallel // the table is checked after the subtests
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("sold", 4, "A")))
	require.NoError(t, f.Confirm(t.Context(), "sold"))
	for name, tc := range map[string]struct{ saga, merchant, code string }{
		"a sold reservation": {"sold", merchant, "already_sold"},
		"another merchant's": {"sold", "merchant-2", "reservation_mismatch"},
		"no saga":            {"", merchant, "invalid_release"},
		"no merchant":        {"s", "", "invalid_release"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.Release(t.Context(), tc.saga, tc.merchant)
			require.Equal(t, tc.code, code(err))
		})
	}
	require.Equal(t, [3]money.Quantity{6, 0, 4}, f.level(t, "A"))
}

func TestConfirmSellsOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A", "B")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A", "B")))
	for range 3 {
		require.NoError(t, f.Confirm(t.Context(), "s"))
		require.Equal(t, [3]money.Quantity{6, 0, 4}, f.level(t, "A"))
	}
}

func TestConfirmOfNothingDoesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Confirm(t.Context(), "no-sku-on-any-line"))
	require.Empty(t, f.snapshot(t))
}

func TestConfirmAfterReleaseIsAFault(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A")))
	_, err := f.Release(t.Context(), "s", merchant)
	require.NoError(t, err)
	require.Equal(t, "sold_after_release", code(f.Confirm(t.Context(), "s")))
	require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "A"))
}

func TestOnlyFinalBarriersExpire(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	for _, saga := range []string{"reserved", "released", "sold"} {
		require.NoError(t, f.Reserve(t.Context(), order(saga, 1, "A")))
	}
	_, err := f.Release(t.Context(), "released", merchant)
	require.NoError(t, err)
	_, err = f.Release(t.Context(), "empty", merchant)
	require.NoError(t, err)
	require.NoError(t, f.Confirm(t.Context(), "sold"))
	require.Error(t, f.Reserve(t.Context(), order("refused", 99, "A")))

	require.NotContains(t, f.barrier(t, "reserved", "000"), "ttl")
	for _, saga := range []string{"released", "empty", "sold", "refused"} {
		ttl, err := strconv.ParseInt(plain(f.barrier(t, saga, "000")["ttl"]), 10, 64)
		require.NoError(t, err)
		require.Equal(t, noon().Add(35*24*time.Hour).Unix(), ttl, saga)
	}
}

func TestDamagedStockIsAFaultAndChangesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A")))
	f.remove(t, "STOCK#"+merchant+"#A", "STOCK")
	_, err := f.Release(t.Context(), "s", merchant)
	require.Equal(t, "stock_damaged", code(err))
	require.Equal(t, "RESERVED", plain(f.barrier(t, "s", "000")["state"]))
}
