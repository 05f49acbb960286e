package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func TestSetOnHandLeavesTheOtherColumns(t *testing.T) {
	t.Parallel()
	f := setup(t)
	level, err := f.SetOnHand(t.Context(), merchant, "A", 10)
	require.NoError(t, err)
	require.Equal(t, inventory.Level{MerchantID: merchant, SKU: "A", OnHand: 10, Version: 1}, level)

	require.NoError(t, f.Reserve(t.Context(), order("s1", 3, "A")))
	require.NoError(t, f.Reserve(t.Context(), order("s2", 2, "A")))
	require.NoError(t, f.Confirm(t.Context(), "s2"))
	level, err = f.SetOnHand(t.Context(), merchant, "A", 100)
	require.NoError(t, err)
	require.Equal(t, inventory.Level{MerchantID: merchant, SKU: "A", OnHand: 100, Reserved: 3, Sold: 2, Version: 5}, level)
	got, err := f.Get(t.Context(), caller.ActingFor(merchant), "A")
	require.NoError(t, err)
	require.Equal(t, level, got)
}

func TestSetOnHandRefusesMalformedInput(t *testing.T) { //nolint:tparallel // the table is checked after the subtests
	t.Parallel()
	f := setup(t)
	for name, tc := range map[string]struct {
		merchant, sku string
		n             money.Quantity
	}{
		"no merchant": {"", "A", 1}, "no SKU": {merchant, "", 1}, "a SKU with the separator": {merchant, "A#B", 1},
		"negative": {merchant, "A", -1}, "too large": {merchant, "A", 1e16 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.SetOnHand(t.Context(), tc.merchant, tc.sku, tc.n)
			require.Equal(t, "invalid_stock", code(err))
		})
	}
	require.Empty(t, f.snapshot(t))
}

func TestGetOfAnUnknownSKU(t *testing.T) {
	t.Parallel()
	_, err := setup(t).Get(t.Context(), caller.ActingFor(merchant), "A")
	require.Equal(t, problem.NotFound, problem.KindOf(err))
	require.Equal(t, "unknown_sku", code(err))
}
