//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/framework/stack"
)

func TestReplay(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	first := s.create(t, key, numbered(m, "R-1"))
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Body)
	require.Equal(t, "/invoices/"+first.Field("id"), first.Header.Get("Location"))
	require.Empty(t, first.Header.Get("X-Idempotent-Replayed"))

	for name, again := range map[string]stack.Reply{
		"as it was":         s.create(t, key, numbered(m, "R-1")),
		"key as sf-string":  s.create(t, `"`+key+`"`, numbered(m, "R-1")),
		"otherwise spelled": s.create(t, key, `{"items":[],"total_amount":"15000.00","due_date":"2025-12-26","invoice_date":"2025-11-26","buyer_gstin":"29AABCU9603R1ZJ","seller_merchant_id":"`+m+`","invoice_number":"R-1"}`),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, http.StatusCreated, again.Status)
			require.Equal(t, string(first.Body), string(again.Body))
			require.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))
			require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
		})
	}
	other := s.create(t, key, numbered(m, "R-2"))
	require.Equal(t, http.StatusUnprocessableEntity, other.Status)
	require.Equal(t, "idempotency_key_reused", other.Field("code"))
	require.Len(t, s.invoices(t, m), 1)
}

func TestOneKeyOfTwoMerchantsIsTwoKeys(t *testing.T) {
	s := open(t)
	key := stack.NewKey()
	for _, m := range []string{s.merchant(t, "advise"), s.merchant(t, "advise")} {
		r := s.create(t, key, numbered(m, "K-1"))
		require.Equal(t, http.StatusCreated, r.Status)
		require.Empty(t, r.Header.Get("X-Idempotent-Replayed"))
	}
}

func TestNothingOfAnotherMerchantIsFound(t *testing.T) {
	s := open(t)
	m, other := s.merchant(t, "advise"), s.merchant(t, "advise")
	r := s.create(t, stack.NewKey(), numbered(m, "O-1"))
	for _, path := range []string{"/invoices/" + r.Field("id"), "/sagas/" + r.Field("saga_id")} {
		require.Equal(t, http.StatusOK, s.call(t, http.MethodGet, path, nil).Status)
		require.Equal(t, http.StatusOK, s.call(t, http.MethodGet, path+"?merchant_id="+m, nil).Status)
		require.Equal(t, http.StatusNotFound, s.call(t, http.MethodGet, path+"?merchant_id="+other, nil).Status)
	}
	byNumber := "/invoices?document_type=INV&financial_year=2526&invoice_number=o-1&merchant_id="
	require.Equal(t, http.StatusOK, s.call(t, http.MethodGet, byNumber+m, nil).Status)
	require.Equal(t, http.StatusNotFound, s.call(t, http.MethodGet, byNumber+other, nil).Status)
	require.Empty(t, s.invoices(t, other))
}

func TestFiftyClientsOneKey(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 1000)
	body := sale(m, "SKU", 3)
	replies := make([]stack.Reply, 50)
	errs := make([]error, 50)
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() { replies[i], errs[i] = s.Create(t.Context(), key, []byte(body)) })
	}
	wg.Wait()
	firsts := 0
	for i, r := range replies {
		require.NoError(t, errs[i])
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
		require.Equal(t, string(replies[0].Body), string(r.Body))
		if r.Header.Get("X-Idempotent-Replayed") == "" {
			firsts++
		}
	}
	require.Equal(t, 1, firsts, "exactly one of them issued it, the others were told")
	require.Len(t, s.invoices(t, m), 1)
	s.awaitState(t, replies[0].Field("saga_id"), "COMPLETED")
	require.NoError(t, stack.Await(t.Context(), 20e9, func() (bool, error) {
		l, err := s.Stock(t.Context(), m, "SKU")
		return l.Sold == 3000 && l.Reserved == 0 && l.OnHand == 997000, err
	}))
}

func TestSeriesHasNoGapsUnderContention(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 1000)
	const n = 40
	var wg sync.WaitGroup
	replies := make([]stack.Reply, n)
	for i := range n {
		wg.Go(func() { replies[i], _ = s.insist(t.Context(), stack.NewKey(), sale(m, "SKU", 1)) })
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, r := range replies {
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
		seen[r.Field("invoice_number")] = true
	}
	for i := range n {
		require.True(t, seen[fmt.Sprintf("S/2526/%04d", i+1)], "number %d of %v", i+1, seen)
	}
}

func TestSeriesPassesANumberThatAClientTook(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 10)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), numbered(m, "S/2526/0001")).Status)
	require.Equal(t, "S/2526/0002", s.create(t, stack.NewKey(), sale(m, "SKU", 1)).Field("invoice_number"))
	require.Equal(t, "S/2526/0003", s.create(t, stack.NewKey(), sale(m, "SKU", 1)).Field("invoice_number"))
}
