package issuance_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/invoice"
)

func salesOf2526() invoice.NumberScope {
	return invoice.NumberScope{MerchantID: merchantID, DocumentType: "INV", FinancialYear: "2526"}
}

func (w *world) handOver(t *testing.T, next int64) error {
	t.Helper()
	locks := lock.New(w.db, lock.Config{Table: w.tables.Platform}, w.now)
	return locks.WithLock(t.Context(), salesOf2526().LockName("S"), time.Minute, func(ctx context.Context, held lock.Lease) error {
		return w.issuer.Invoices.TakeOverSeries(ctx, held, salesOf2526(), "S", next, w.now())
	})
}

func TestHandOver(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.handOver(t, 413))
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), "S/2526/0413")
	require.Equal(t, "series_would_go_back", codeOf(w.handOver(t, 414)))
	require.Equal(t, "series_exhausted", codeOf(w.handOver(t, 1e15)))
	require.NoError(t, w.handOver(t, 500))
	answer, err = w.issuer.Issue(t.Context(), key(2), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), "S/2526/0500", "what this instance remembered is behind")
}

// TestHandOverBesideSales: whatever the order, no number is given twice, and none
// from before the hand-over is given after it.
func TestHandOverBesideSales(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { _, _ = w.issuer.Issue(t.Context(), key(i), request(t, "", "SKU", 1)) })
	}
	for i := range 2 {
		wg.Go(func() { _ = w.handOver(t, int64(100*(i+1))) })
	}
	wg.Wait()
	all, _, err := w.issuer.Invoices.List(t.Context(), merchantID, "", 100)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, inv := range all {
		seen[inv.InvoiceNumber] = true
	}
	require.Len(t, seen, 8)
	last, err := w.issuer.Issue(t.Context(), key(9), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Regexp(t, `S/2526/0[12]\d\d`, string(last.Body))
}

// TestFrozenHandOverIsRefused: its lease was over, and another one was here first.
func TestFrozenHandOverIsRefused(t *testing.T) {
	w := newWorld(t)
	frozen := lock.Lease{Fence: 1}
	require.NoError(t, w.issuer.Invoices.TakeOverSeries(t.Context(), lock.Lease{Fence: 2}, salesOf2526(), "S", 200, w.now()))
	err := w.issuer.Invoices.TakeOverSeries(t.Context(), frozen, salesOf2526(), "S", 900, w.now())
	require.ErrorIs(t, err, lock.ErrLost)
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(answer.Body), fmt.Sprintf("S/2526/%04d", 200))
}
