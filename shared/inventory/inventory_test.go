package inventory_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

func asDomain(err error, target **problem.Error) bool { return errors.As(err, target) }

func TestReserve(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A", "B")
	for name, tc := range map[string]struct {
		order     inventory.Reservation
		code, sku string
		kind      problem.Kind
	}{
		"within stock":            {order: order("s-ok", 2, "A", "B")},
		"a SKU twice adds up":     {order: order("s-twice", 3, "A", "A")},
		"a SKU twice over stock":  {order: order("s-over", 6, "B", "B"), code: "out_of_stock", sku: "B", kind: problem.Conflict},
		"out of stock":            {order: order("s-out", 11, "A"), code: "out_of_stock", sku: "A", kind: problem.Conflict},
		"one of two out of stock": {order: inventory.Reservation{SagaID: "s-one", MerchantID: merchant, Lines: []gst.StockLine{{SKU: "A", Quantity: 1}, {SKU: "B", Quantity: 99}}}, code: "out_of_stock", sku: "B", kind: problem.Conflict},
		"unknown SKU":             {order: order("s-unknown", 1, "A", "NOPE"), code: "unknown_sku", sku: "NOPE", kind: problem.Invalid},
		"another merchant's SKU":  {order: inventory.Reservation{SagaID: "s-other", MerchantID: "merchant-2", Lines: []gst.StockLine{{SKU: "A", Quantity: 1}}}, code: "unknown_sku", sku: "A", kind: problem.Invalid},
		"no lines":                {order: order("s-none", 1), code: "invalid_reservation", kind: problem.Invalid},
		"quantity 0":              {order: order("s-zero", 0, "A"), code: "invalid_reservation", kind: problem.Invalid},
		"negative quantity":       {order: order("s-neg", -1, "A"), code: "invalid_reservation", kind: problem.Invalid},
		"sum out of range":        {order: order("s-huge", 1e16, "A", "A"), code: "invalid_reservation", kind: problem.Invalid},
		"malformed SKU":           {order: order("s-mal", 1, "A#B"), code: "invalid_reservation", kind: problem.Invalid},
		"no saga":                 {order: order("", 1, "A"), code: "invalid_reservation", kind: problem.Invalid},
		"no merchant":             {order: inventory.Reservation{SagaID: "s"}, code: "invalid_reservation", kind: problem.Invalid},
		"1001 SKUs":               {order: order("s-many", 1, names(1001)...), code: "invalid_reservation", kind: problem.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.Reserve(t.Context(), tc.order)
			require.Equal(t, tc.code, code(err))
			if tc.code == "" {
				return
			}
			var known *problem.Error
			require.ErrorAs(t, err, &known)
			require.Equal(t, tc.kind, known.Kind)
			var refused *inventory.RefusedError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, tc.sku, refused.SKU)
			require.Contains(t, refused.Message, tc.sku)
		})
	}
	require.Equal(t, [3]money.Quantity{10 - 2 - 6, 2 + 6, 0}, w.books(t, "A"))
	require.Equal(t, [3]money.Quantity{10 - 2, 2, 0}, w.books(t, "B"))
}

func TestDuplicateReserveTakesStockOnce(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A", "B")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A", "B")))
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "B", "A")), "the order of lines is of no account")
	require.Equal(t, [3]money.Quantity{6, 4, 0}, w.books(t, "A"))

	require.NoError(t, w.Confirm(t.Context(), "s"))
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A", "B")), "a delivery later than the sale")
	require.Equal(t, [3]money.Quantity{6, 0, 4}, w.books(t, "A"))
}

func TestReserveWithOtherLinesIsAFault(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A")))
	err := w.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, "reservation_mismatch", code(err))
	var refused *inventory.RefusedError
	require.NotErrorAs(t, err, &refused, "a refusal would say that nothing is reserved")
	require.Equal(t, [3]money.Quantity{6, 4, 0}, w.books(t, "A"))
}

// A refused saga is not compensated. So a delivery of the same Reserve that was
// under way, and finds stock, must not reserve any more.
func TestRefusalIsFinal(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 1, "A")
	first := w.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, "out_of_stock", code(first))
	w.stock(t, 100, "A")
	late := w.Reserve(t.Context(), order("s", 5, "A"))
	require.Equal(t, first, late, "the late delivery gets the same answer")
	require.Equal(t, [3]money.Quantity{100, 0, 0}, w.books(t, "A"))
}

func TestReleaseGivesBackOnce(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A")))
	for range 3 {
		outcome, err := w.Release(t.Context(), "s", merchant)
		require.NoError(t, err)
		require.Equal(t, inventory.Released, outcome)
		require.Equal(t, [3]money.Quantity{10, 0, 0}, w.books(t, "A"))
	}
}

func TestEmptyCompensationLeavesABarrier(t *testing.T) {
	w := newWarehouse(t)
	for range 2 {
		outcome, err := w.Release(t.Context(), "s", merchant)
		require.NoError(t, err)
		require.Equal(t, inventory.NothingToRelease, outcome)
	}
	require.Equal(t, "RELEASED", plain(w.barrier(t, "s", "000")["state"]))
}

func TestHangingReserveIsRefusedAfterItsRelease(t *testing.T) {
	for name, reservedBefore := range map[string]bool{"after an empty compensation": false, "after a compensation": true} {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t)
			w.stock(t, 10, "A")
			if reservedBefore {
				require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A")))
			}
			_, err := w.Release(t.Context(), "s", merchant)
			require.NoError(t, err)
			err = w.Reserve(t.Context(), order("s", 4, "A"))
			require.Equal(t, "saga_ended", code(err))
			require.Equal(t, [3]money.Quantity{10, 0, 0}, w.books(t, "A"))
		})
	}
}

func TestReleaseRefuses(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	require.NoError(t, w.Reserve(t.Context(), order("sold", 4, "A")))
	require.NoError(t, w.Confirm(t.Context(), "sold"))
	for name, tc := range map[string]struct{ saga, merchant, code string }{
		"what is sold":       {"sold", merchant, "already_sold"},
		"another merchant's": {"sold", "merchant-2", "reservation_mismatch"},
		"no saga":            {"", merchant, "invalid_release"},
		"no merchant":        {"s", "", "invalid_release"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Release(t.Context(), tc.saga, tc.merchant)
			require.Equal(t, tc.code, code(err))
		})
	}
	require.Equal(t, [3]money.Quantity{6, 0, 4}, w.books(t, "A"))
}

func TestConfirmSellsOnce(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A", "B")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A", "B")))
	for range 3 {
		require.NoError(t, w.Confirm(t.Context(), "s"))
		require.Equal(t, [3]money.Quantity{6, 0, 4}, w.books(t, "A"))
	}
}

func TestConfirmOfNothingIsDone(t *testing.T) {
	w := newWarehouse(t)
	require.NoError(t, w.Confirm(t.Context(), "no-sku-on-any-line"))
	require.Empty(t, w.picture(t))
}

func TestConfirmAfterReleaseIsAnAlarm(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A")))
	_, err := w.Release(t.Context(), "s", merchant)
	require.NoError(t, err)
	require.Equal(t, "sold_after_release", code(w.Confirm(t.Context(), "s")))
	require.Equal(t, [3]money.Quantity{10, 0, 0}, w.books(t, "A"))
}

func TestOnlyFinalBarriersExpire(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	for _, saga := range []string{"reserved", "released", "sold"} {
		require.NoError(t, w.Reserve(t.Context(), order(saga, 1, "A")))
	}
	_, err := w.Release(t.Context(), "released", merchant)
	require.NoError(t, err)
	_, err = w.Release(t.Context(), "empty", merchant)
	require.NoError(t, err)
	require.NoError(t, w.Confirm(t.Context(), "sold"))
	require.Error(t, w.Reserve(t.Context(), order("refused", 99, "A")))

	require.NotContains(t, w.barrier(t, "reserved", "000"), "ttl")
	for _, saga := range []string{"released", "empty", "sold", "refused"} {
		ttl, err := strconv.ParseInt(plain(w.barrier(t, saga, "000")["ttl"]), 10, 64)
		require.NoError(t, err)
		require.Equal(t, noon.Add(35*24*time.Hour).Unix(), ttl, saga)
	}
}

func TestDamagedStockIsAFaultAndChangesNothing(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A")
	require.NoError(t, w.Reserve(t.Context(), order("s", 4, "A")))
	w.remove(t, "STOCK#"+merchant+"#A", "STOCK")
	_, err := w.Release(t.Context(), "s", merchant)
	require.Equal(t, "stock_damaged", code(err))
	require.Equal(t, "stock_damaged", code(w.Confirm(t.Context(), "s")))
	require.Equal(t, "RESERVED", plain(w.barrier(t, "s", "000")["state"]))
}
