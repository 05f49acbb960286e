package issuance_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/invoice"
)

func scope2526() invoice.NumberScope {
	return invoice.NumberScope{MerchantID: merchantID, DocumentType: "INV", FinancialYear: "2526"}
}

func (f *fixture) takeOver(t *testing.T, next int64) error {
	t.Helper()
	locks := lock.New(f.db, lock.Config{Table: f.tables.Platform}, f.now)
	return locks.WithLock(
		t.Context(),
		scope2526().LockName("S"),
		time.Minute,
		func(ctx context.Context, held lock.Lease) error {
			return f.issuer.Invoices.TakeOverSeries(ctx, held, scope2526(), "S", next, f.now())
		},
	)
}

func TestTakeOverSeries(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.takeOver(t, 413))
	answer, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), "S/2526/0413")
	require.Equal(t, "series_would_go_back", codeOf(f.takeOver(t, 414)))
	require.Equal(t, "series_exhausted", codeOf(f.takeOver(t, 1e15)))
	require.NoError(t, f.takeOver(t, 500))
	answer, err = f.issue(t.Context(), key(2), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), "S/2526/0500", "the position that this instance cached is stale")
}

// TestSeriesPassesNumbersOfTheClient: 230 numbers of the series' form, which the client chose
// itself, cost one request a few calls, and the next request none.
func TestSeriesPassesNumbersOfTheClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			for n := w + 1; n <= 230; n += 10 {
				_, err := f.issue(t.Context(), key(n), request(t, fmt.Sprintf("S/2526/%04d", n), "", 1))
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	for i, most := range []int{9, 4} {
		f.db.Forget()
		result, err := f.issue(t.Context(), key(300+i), request(t, "", "", 1))
		require.NoError(t, err)
		require.Contains(t, string(result.Body), fmt.Sprintf("S/2526/%04d", 231+i))
		require.LessOrEqual(t, len(f.db.Calls()), most, "%v", f.db.Calls())
	}
}

// TestTakeOverDuringSales: in any order, no number is allocated twice, and none from before
// the hand-over is allocated after it.
func TestTakeOverDuringSales(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { _, _ = f.issue(t.Context(), key(i), request(t, "", "SKU", 1)) })
	}
	for i := range 2 {
		wg.Go(func() { _ = f.takeOver(t, int64(100*(i+1))) })
	}
	wg.Wait()
	all, _, err := f.list(t, invoice.Query{Limit: 100})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, inv := range all {
		seen[inv.InvoiceNumber] = true
	}
	require.Len(t, seen, 8)
	last, err := f.issue(t.Context(), key(9), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Regexp(t, `S/2526/0[12]\d\d`, string(last.Body))
}

// TestFrozenTakeOverIsRefused: its lease had expired, and another operator came first.
func TestFrozenTakeOverIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	frozen := lock.Lease{Fence: 1}
	require.NoError(t, f.issuer.Invoices.TakeOverSeries(t.Context(), lock.Lease{Fence: 2}, scope2526(), "S", 200, f.now()))
	err := f.issuer.Invoices.TakeOverSeries(t.Context(), frozen, scope2526(), "S", 900, f.now())
	require.ErrorIs(t, err, lock.ErrLost)
	answer, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), fmt.Sprintf("S/2526/%04d", 200))
}
