package inventory_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// setupSold returns a fixture with ten units of A, of which three are sold.
func setupSold(t *testing.T) fixture {
	t.Helper()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("sale", 3, "A")))
	require.NoError(t, f.Confirm(t.Context(), "sale"))
	return f
}

func TestReturnedGoodsComeBackOnce(t *testing.T) {
	t.Parallel()
	f := setupSold(t)
	for range 3 {
		require.NoError(t, f.Reserve(t.Context(), back(order("s", 2, "A"))))
		require.Equal(t, [3]money.Quantity{7, 2, 1}, f.level(t, "A"))
	}
	for range 3 {
		require.NoError(t, f.Confirm(t.Context(), "s"))
		require.Equal(t, [3]money.Quantity{9, 0, 1}, f.level(t, "A"))
	}
	require.Equal(t, "RETURNED", plain(f.barrier(t, "s", "000")["state"]))
	_, err := f.Release(t.Context(), "s", merchant)
	require.Equal(t, "already_returned", code(err))
	require.NoError(t, f.Reserve(t.Context(), back(order("s", 2, "A"))), "a late delivery")
	f.requireBalance(t, stockOf(10, "A"))
}

// TestACancelledSaleComesBackOnce: before and after its event, and not at all once a note has
// returned some of it.
func TestACancelledSaleComesBackOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	require.NoError(t, f.Reserve(t.Context(), order("sale", 3, "A")))
	for range 3 {
		outcome, err := f.Return(t.Context(), order("cancellation", 3, "A"), "sale")
		require.NoError(t, err)
		require.Equal(t, inventory.Returned, outcome)
		require.NoError(t, f.Confirm(t.Context(), "sale"), "its event arrives late")
		require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "A"))
	}
	f.requireBalance(t, stockOf(10, "A"))

	f = setupSold(t)
	require.NoError(t, f.Reserve(t.Context(), back(order("note", 2, "A"))))
	require.NoError(t, f.Confirm(t.Context(), "note"))
	for range 2 {
		outcome, err := f.Return(t.Context(), order("cancellation", 3, "A"), "sale")
		require.NoError(t, err)
		require.Equal(t, inventory.NotReturned, outcome)
		require.Equal(t, [3]money.Quantity{9, 0, 1}, f.level(t, "A"))
	}
	f.requireBalance(t, stockOf(10, "A"))
}

func TestACompensatedReturnStaysSold(t *testing.T) {
	t.Parallel()
	f := setupSold(t)
	require.NoError(t, f.Reserve(t.Context(), back(order("s", 2, "A"))))
	for range 3 {
		outcome, err := f.Release(t.Context(), "s", merchant)
		require.NoError(t, err)
		require.Equal(t, inventory.Released, outcome)
		require.Equal(t, [3]money.Quantity{7, 0, 3}, f.level(t, "A"))
	}
	require.Equal(t, "saga_ended", code(f.Reserve(t.Context(), back(order("s", 2, "A")))))
	require.Equal(t, "sold_after_release", code(f.Confirm(t.Context(), "s")))
	f.requireBalance(t, stockOf(10, "A"))
}

// TestTheDirectionIsPartOfAReservation: the same saga cannot sell what it takes back.
func TestTheDirectionIsPartOfAReservation(t *testing.T) {
	t.Parallel()
	f := setupSold(t)
	require.NoError(t, f.Reserve(t.Context(), back(order("s", 2, "A"))))
	require.Equal(t, "reservation_mismatch", code(f.Reserve(t.Context(), order("s", 2, "A"))))
	require.Equal(t, [3]money.Quantity{7, 2, 1}, f.level(t, "A"))
}

func TestWhatWasNotSoldDoesNotComeBack(t *testing.T) {
	t.Parallel()
	f := setupSold(t)
	f.stock(t, 5, "B")
	r := back(order("s", 4, "A", "B"))
	r.Lines[0].Items, r.Lines[1].Items = []int{0}, []int{2}
	for range 2 {
		err := f.Reserve(t.Context(), r)
		known, ok := errors.AsType[*problem.Error](err)
		require.True(t, ok)
		require.Equal(t, problem.Conflict, known.Kind)
		require.Equal(t, "not_sold", known.Code)
		require.Equal(t, []problem.FieldError{
			{
				Field: "items[0].quantity", Code: "not_sold", Message: "SKU A: 0.004 returned, 0.003 sold",
				SKU: "A", Wanted: "0.004", Sold: "0.003",
			},
			{
				Field: "items[2].quantity", Code: "not_sold", Message: "SKU B: 0.004 returned, 0 sold",
				SKU: "B", Wanted: "0.004", Sold: "0",
			},
		}, known.Fields)
	}
	require.Equal(t, [3]money.Quantity{7, 0, 3}, f.level(t, "A"))
	require.Equal(t, "unknown_sku", code(f.Reserve(t.Context(), back(order("t", 1, "NOPE")))))
}

// TestConcurrentReturns: no more comes back than was sold.
func TestConcurrentReturns(t *testing.T) {
	t.Parallel()
	f := setupSold(t)
	results := make([]string, 12)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			saga := string(rune('a' + i))
			err := f.Reserve(ctx, back(order(saga, 1, "A")))
			if err == nil {
				err = f.Confirm(ctx, saga)
			}
			results[i] = code(err)
		})
	}
	wg.Wait()
	came := 0
	for _, r := range results {
		require.Contains(t, []string{"", "not_sold"}, r)
		if r == "" {
			came++
		}
	}
	require.Equal(t, 3, came)
	f.requireBalance(t, stockOf(10, "A"))
	require.Equal(t, [3]money.Quantity{10, 0, 0}, f.level(t, "A"))
}
