//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	first := f.create(t, key, numbered(m, "R-1"))
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Body)
	require.Equal(t, "/invoices/"+first.Field("id"), first.Header.Get("Location"))
	require.Empty(t, first.Header.Get("X-Idempotent-Replayed"))

	reordered := `{"items":[],"total_amount":"15000.00","due_date":"2025-12-26","invoice_date":"2025-11-26",` +
		`"buyer_gstin":"29AABCU9603R1ZJ","seller_merchant_id":"` + m + `","invoice_number":"R-1"}`
	for name, again := range map[string]client.Reply{
		"unchanged":        f.create(t, key, numbered(m, "R-1")),
		"key as sf-string": f.create(t, `"`+key+`"`, numbered(m, "R-1")),
		"reordered":        f.create(t, key, reordered),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, http.StatusCreated, again.Status)
			require.Equal(t, string(first.Body), string(again.Body))
			require.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))
			require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
		})
	}
	other := f.create(t, key, numbered(m, "R-2"))
	require.Equal(t, http.StatusUnprocessableEntity, other.Status)
	require.Equal(t, "idempotency_key_reused", other.Field("code"))
	require.Len(t, f.invoices(t, m), 1)
}

func TestKeysAreScopedToTheMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t)
	key := client.NewKey()
	for _, m := range []string{f.merchant(t, "advise"), f.merchant(t, "advise")} {
		r := f.as(t, m).create(t, key, numbered(m, "K-1"))
		require.Equal(t, http.StatusCreated, r.Status)
		require.Empty(t, r.Header.Get("X-Idempotent-Replayed"))
	}
}

func TestReadsAreScopedToTheMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t)
	other, m := f.merchant(t, "advise"), f.merchant(t, "advise")
	r := f.create(t, client.NewKey(), numbered(m, "O-1"))
	for _, path := range []string{"/invoices/" + r.Field("id"), "/sagas/" + r.Field("saga_id")} {
		require.Equal(t, http.StatusOK, f.call(t, http.MethodGet, path, nil).Status)
		require.Equal(t, http.StatusOK, f.call(t, http.MethodGet, path+"?merchant_id="+m, nil).Status)
		foreign := f.as(t, other).call(t, http.MethodGet, path+"?merchant_id="+other, nil)
		require.Equal(t, http.StatusNotFound, foreign.Status)
	}
	byNumber := "/invoices?document_type=INV&financial_year=2526&invoice_number=o-1&merchant_id="
	require.Equal(t, http.StatusOK, f.call(t, http.MethodGet, byNumber+m, nil).Status)
	require.Equal(t, http.StatusNotFound, f.as(t, other).call(t, http.MethodGet, byNumber+other, nil).Status)
	require.Empty(t, f.invoices(t, other))
}

func TestFiftyClientsOneKey(t *testing.T) {
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 1000)
	body := sale(m, "SKU", 3)
	replies := make([]client.Reply, 50)
	errs := make([]error, 50)
	var wg sync.WaitGroup
	for i := range replies {
		wg.Go(func() { replies[i], errs[i] = f.Create(t.Context(), key, []byte(body)) })
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
	require.Equal(t, 1, firsts, "exactly one request issued the invoice, the others replayed it")
	require.Len(t, f.invoices(t, m), 1)
	f.awaitState(t, replies[0].Field("saga_id"), "COMPLETED")
	require.NoError(t, stack.Await(t.Context(), 20e9, func() (bool, error) {
		l, err := f.Stock(t.Context(), m, "SKU")
		return l.Sold == 3000 && l.Reserved == 0 && l.OnHand == 997000, err
	}))
}

func TestSeriesHasNoGapsUnderContention(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 1000)
	const n = 40
	var wg sync.WaitGroup
	replies := make([]client.Reply, n)
	for i := range n {
		wg.Go(func() { replies[i], _ = f.createWithRetry(t.Context(), client.NewKey(), sale(m, "SKU", 1)) })
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

func TestSeriesSkipsANumberThatAClientTook(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), numbered(m, "S/2526/0001")).Status)
	require.Equal(t, "S/2526/0002", f.create(t, client.NewKey(), sale(m, "SKU", 1)).Field("invoice_number"))
	require.Equal(t, "S/2526/0003", f.create(t, client.NewKey(), sale(m, "SKU", 1)).Field("invoice_number"))
}
