//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/framework/stack"
)

func TestOutOfStock(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "RARE", 2)
	r := s.create(t, key, sale(m, "RARE", 3))
	require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
	require.Equal(t, "out_of_stock", r.Field("code"))
	require.Contains(t, r.Field("detail"), "RARE")
	s.awaitState(t, r.Field("saga_id"), "ABORTED")
	require.Empty(t, s.invoices(t, m))

	s.stock(t, m, "RARE", 3)
	again := s.create(t, key, sale(m, "RARE", 3))
	require.Equal(t, http.StatusCreated, again.Status, "the same key may try again: %s", again.Body)
	require.NotEqual(t, r.Field("saga_id"), again.Field("saga_id"))
	s.awaitState(t, r.Field("saga_id"), "ABORTED") // the first saga can still be looked at
}

func TestNumberTaken(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 10)
	withStock := func(number string) string {
		return strings.Replace(sale(m, "SKU", 4), `"series":"S"`, `"invoice_number":"`+number+`"`, 1)
	}
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), withStock("ab-1")).Status)
	r := s.create(t, stack.NewKey(), withStock("AB-1"))
	require.Equal(t, http.StatusConflict, r.Status, "numbers are compared without case: %s", r.Body)
	require.Equal(t, "invoice_number_taken", r.Field("code"))
	s.awaitState(t, r.Field("saga_id"), "COMPENSATED")
	l, err := s.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 6000, l.OnHand, "what the refused one reserved is back")
	note := s.create(t, stack.NewKey(), strings.Replace(numbered(m, "AB-1"), `{`, `{"document_type":"CRN","original_invoice_number":"ab-1",`, 1))
	require.Equal(t, http.StatusCreated, note.Status, "another document type has its own numbers: %s", note.Body)
	nextYear := s.create(t, stack.NewKey(), strings.NewReplacer("2025-11-26", "2026-04-01", "2025-12-26", "2026-05-01").Replace(numbered(m, "AB-1")))
	require.Equal(t, http.StatusCreated, nextYear.Status, "and so has another year: %s", nextYear.Body)
}

func TestStrictMerchantIsRefusedWithFindings(t *testing.T) {
	s := open(t)
	strict, advised := s.merchant(t, "strict"), s.merchant(t, "advise")
	bad := func(m string) string {
		return strings.Replace(numbered(m, "F-1"), "29AABCU9603R1ZJ", "29AABCU9603R1ZN", 1)
	}
	r := s.create(t, stack.NewKey(), bad(strict))
	require.Equal(t, http.StatusUnprocessableEntity, r.Status)
	require.Equal(t, "compliance_findings", r.Field("code"))
	require.Contains(t, string(r.Body), "gstin_checksum")
	require.Contains(t, string(r.Body), "no_items")
	require.Empty(t, s.invoices(t, strict))
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), bad(advised)).Status)
}

// TestBooksBalance is promise P3: 200 clients want more of 20 SKUs than there is.
func TestBooksBalance(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	const skus, clients, onHand = 20, 200, 12
	for i := range skus {
		s.stock(t, m, fmt.Sprintf("SKU-%d", i), onHand)
	}
	statuses := make([]int, clients)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 100)
	for i := range clients {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			body := strings.Replace(sale(m, fmt.Sprintf("SKU-%d", i%skus), 2), `"series":"S"`, fmt.Sprintf(`"invoice_number":"B-%d"`, i), 1)
			r, err := s.insist(t.Context(), stack.NewKey(), body)
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
	require.Equal(t, map[int]int{http.StatusCreated: skus * onHand / 2, http.StatusConflict: clients - skus*onHand/2}, count)
	require.Len(t, s.invoices(t, m), skus*onHand/2)
	for i := range skus {
		require.NoError(t, stack.Await(t.Context(), 60e9, func() (bool, error) {
			l, err := s.Stock(t.Context(), m, fmt.Sprintf("SKU-%d", i))
			return l.OnHand == 0 && l.Reserved == 0 && l.Sold == onHand*1000, err
		}))
	}
}
