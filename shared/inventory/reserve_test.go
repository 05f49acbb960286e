package inventory_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func TestReserve(t *testing.T) { //nolint:tparallel // the table is checked after the subtests
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A", "B")
	oneOfEach := func(a, b money.Quantity) inventory.Reservation {
		r := order("s-one", a, "A")
		r.Lines = append(r.Lines, gst.StockLine{SKU: "B", Quantity: b})
		return r
	}
	foreign := order("s-other", 1, "A")
	foreign.MerchantID = "merchant-2"
	const outOfStock, unknown, malformed = "out_of_stock", "unknown_sku", "invalid_reservation"
	for name, tc := range map[string]struct {
		order     inventory.Reservation
		code, sku string
		kind      problem.Kind
	}{
		"within stock":            {order("s-ok", 2, "A", "B"), "", "", 0},
		"a SKU twice adds up":     {order("s-twice", 3, "A", "A"), "", "", 0},
		"a SKU twice over stock":  {order("s-over", 6, "B", "B"), outOfStock, "B", problem.Conflict},
		"out of stock":            {order("s-out", 11, "A"), outOfStock, "A", problem.Conflict},
		"one of two out of stock": {oneOfEach(1, 99), outOfStock, "B", problem.Conflict},
		"unknown SKU":             {order("s-unknown", 1, "A", "NOPE"), unknown, "NOPE", problem.Invalid},
		"another merchant's SKU":  {foreign, unknown, "A", problem.Invalid},
		"no lines":                {order("s-none", 1), malformed, "", problem.Invalid},
		"quantity 0":              {order("s-zero", 0, "A"), malformed, "", problem.Invalid},
		"negative quantity":       {order("s-neg", -1, "A"), malformed, "", problem.Invalid},
		"sum out of range":        {order("s-huge", 1e16, "A", "A"), malformed, "", problem.Invalid},
		"malformed SKU":           {order("s-mal", 1, "A#B"), malformed, "", problem.Invalid},
		"no saga":                 {order("", 1, "A"), malformed, "", problem.Invalid},
		"no merchant":             {inventory.Reservation{SagaID: "s"}, malformed, "", problem.Invalid},
		"1001 SKUs":               {order("s-many", 1, skus(1001)...), malformed, "", problem.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			err := f.Reserve(t.Context(), tc.order)
			require.Equal(t, tc.code, code(err))
			if tc.code == "" {
				return
			}
			require.Equal(t, tc.kind, problem.KindOf(err))
			refused, ok := errors.AsType[*inventory.RefusedError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, tc.sku, refused.SKU)
			require.Contains(t, refused.Message, tc.sku)
		})
	}
	require.Equal(t, [3]money.Quantity{10 - 2 - 6, 2 + 6, 0}, f.level(t, "A"))
	require.Equal(t, [3]money.Quantity{10 - 2, 2, 0}, f.level(t, "B"))
}

func TestDuplicateReserveTakesStockOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A", "B")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A", "B")))
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "B", "A")), "the order of lines does not matter")
	require.Equal(t, [3]money.Quantity{6, 4, 0}, f.level(t, "A"))

	require.NoError(t, f.Confirm(t.Context(), "s"))
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A", "B")), "a delivery after the sale")
	require.Equal(t, [3]money.Quantity{6, 0, 4}, f.level(t, "A"))
}

func TestReserveWithOtherLinesIsAFault(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A")))
	err := f.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, "reservation_mismatch", code(err))
	_, refused := errors.AsType[*inventory.RefusedError](err)
	require.False(t, refused, "a refusal would mean that nothing is reserved")
	require.Equal(t, [3]money.Quantity{6, 4, 0}, f.level(t, "A"))
}

// A refused saga is not compensated. So another delivery of the same Reserve must not reserve,
// even if it finds stock.
func TestRefusalIsFinal(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 1, "A")
	first := f.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, "out_of_stock", code(first))
	f.stock(t, 100, "A")
	late := f.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, first, late, "the late delivery returns the same error")
	require.Equal(t, [3]money.Quantity{100, 0, 0}, f.level(t, "A"))
}

func TestHangingReserveIsRefusedAfterItsRelease(t *testing.T) {
	t.Parallel()
	for name, reservedBefore := range map[string]bool{"after an empty compensation": false, "after a compensation": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.stock(t, 10, "A")
			if reservedBefore {
				require.NoError(t, f.Reserve(t.Context(), order("s", 4, "A")))
			}
			_, err := f.Release(t.Context(), "s", merchant)
			require.NoError(t, err)
			err = f.Reserve(t.Context(), order("s", 4, "A"))
			require.Equal(t, "saga_ended", code(err))
			require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "A"))
		})
	}
}
