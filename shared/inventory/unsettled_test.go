package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
)

func TestUnsettled(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10_000, "A")
	sagas := []string{"reserved", "sold", "released", "refused", "none", "again"}
	for _, id := range []string{"reserved", "sold", "released", "again"} {
		require.NoError(t, f.Reserve(t.Context(), inventory.Reservation{
			SagaID: id, MerchantID: merchant, Lines: []gst.StockLine{{SKU: "A", Quantity: 1000}},
		}))
	}
	require.NoError(t, f.Confirm(t.Context(), "sold"))
	_, err := f.Release(t.Context(), "released", merchant)
	require.NoError(t, err)
	require.Error(t, f.Reserve(t.Context(), inventory.Reservation{
		SagaID: "refused", MerchantID: merchant, Lines: []gst.StockLine{{SKU: "A", Quantity: 100_000}},
	}))
	unsettled, err := f.Unsettled(t.Context(), sagas)
	require.NoError(t, err)
	require.Equal(t, []string{"reserved", "again"}, unsettled)
}

func TestTheCheckedPlaceMovesOn(t *testing.T) {
	t.Parallel()
	f := setup(t)
	checked := func() int64 {
		place, err := f.Checked(t.Context())
		require.NoError(t, err)
		return place
	}
	require.Zero(t, checked())
	require.NoError(t, f.SetChecked(t.Context(), 0, 100))
	require.ErrorIs(t, f.SetChecked(t.Context(), 0, 50), inventory.ErrMoved)
	require.EqualValues(t, 100, checked())
	require.NoError(t, f.SetChecked(t.Context(), 100, 250))
	require.EqualValues(t, 250, checked())
}
