//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

func TestOutOfStock(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "RARE", 2)
	r := f.create(t, key, sale(m, "RARE", 3))
	require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
	require.Equal(t, "out_of_stock", r.Field("code"))
	require.Contains(t, r.Field("detail"), "RARE")
	f.awaitState(t, r.Field("saga_id"), "ABORTED")
	require.Empty(t, f.invoices(t, m))

	f.stock(t, m, "RARE", 3)
	again := f.create(t, key, sale(m, "RARE", 3))
	require.Equal(t, http.StatusCreated, again.Status, "the same key can be retried: %s", again.Body)
	require.NotEqual(t, r.Field("saga_id"), again.Field("saga_id"))
	f.awaitState(t, r.Field("saga_id"), "ABORTED") // the first saga can still be read
}

func TestNumberTaken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	withStock := func(number string) string {
		return strings.Replace(sale(m, "SKU", 4), `"series":"S"`, `"invoice_number":"`+number+`"`, 1)
	}
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), withStock("ab-1")).Status)
	r := f.create(t, client.NewKey(), withStock("AB-1"))
	require.Equal(t, http.StatusConflict, r.Status, "numbers are case-insensitive: %s", r.Body)
	require.Equal(t, "invoice_number_taken", r.Field("code"))
	f.awaitState(t, r.Field("saga_id"), "COMPENSATED")
	l, err := f.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 6000, l.OnHand, "the refused request's stock is released")
	creditNote := strings.Replace(numbered(m, "AB-1"), `{`, `{"document_type":"CRN","original_invoice_number":"ab-1",`, 1)
	creditNote = strings.Replace(creditNote, "15000", "1000", 1)
	r = f.create(t, client.NewKey(), creditNote)
	require.Equal(t, http.StatusCreated, r.Status, "each document type has its own numbers: %s", r.Body)
	dates := strings.NewReplacer("2025-11-26", "2026-04-01", "2025-12-26", "2026-05-01")
	r = f.create(t, client.NewKey(), dates.Replace(numbered(m, "AB-1")))
	require.Equal(t, http.StatusCreated, r.Status, "each financial year has its own numbers: %s", r.Body)
}

func TestStrictMerchantIsRefusedWithFindings(t *testing.T) {
	t.Parallel()
	f := setup(t)
	strict, advised := f.merchant(t, "strict"), f.merchant(t, "advise")
	bad := func(m string) string {
		return strings.Replace(numbered(m, "F-1"), "29AABCU9603R1ZJ", "29AABCU9603R1ZN", 1)
	}
	r := f.as(t, strict).create(t, client.NewKey(), bad(strict))
	require.Equal(t, http.StatusUnprocessableEntity, r.Status)
	require.Equal(t, "compliance_findings", r.Field("code"))
	require.Contains(t, string(r.Body), "gstin_checksum")
	require.Contains(t, string(r.Body), "no_items")
	require.Empty(t, f.invoices(t, strict))
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), bad(advised)).Status)
}

// TestStockIsConserved is promise P3: 200 clients want more of 20 SKUs than is on hand. It
// runs alone because of its load.
func TestStockIsConserved(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "advise")
	const skus, clients, onHand = 20, 200, 12
	for i := range skus {
		f.stock(t, m, fmt.Sprintf("SKU-%d", i), onHand)
	}
	statuses := make([]int, clients)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 100)
	for i := range clients {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			number := fmt.Sprintf(`"invoice_number":"B-%d"`, i)
			body := strings.Replace(sale(m, fmt.Sprintf("SKU-%d", i%skus), 2), `"series":"S"`, number, 1)
			r, err := f.createWithRetry(t.Context(), client.NewKey(), body)
			if err == nil {
				statuses[i] = r.Status
			}
		})
	}
	wg.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	want := map[int]int{http.StatusCreated: skus * onHand / 2, http.StatusConflict: clients - skus*onHand/2}
	require.Equal(t, want, count)
	require.Len(t, f.invoices(t, m), skus*onHand/2)
	for i := range skus {
		require.NoError(t, stack.Await(t.Context(), 60e9, func() (bool, error) {
			l, err := f.Stock(t.Context(), m, fmt.Sprintf("SKU-%d", i))
			return l.OnHand == 0 && l.Reserved == 0 && l.Sold == onHand*1000, err
		}))
	}
}
