//go:build integration

package integration_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// page is an answer of any list.
type page struct {
	Invoices  []map[string]any `json:"invoices"`
	Sagas     []map[string]any `json:"sagas"`
	Inventory []map[string]any `json:"inventory"`
	Next      string           `json:"next_cursor"`
}

func (f *fixture) page(t *testing.T, path string, q url.Values) (p page) {
	t.Helper()
	r := f.as(t, q.Get("merchant_id")).call(t, http.MethodGet, path+"?"+q.Encode(), nil)
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	require.NoError(t, json.Unmarshal(r.Body, &p))
	return p
}

// TestHeadAndConditionalReads: of every kind of read.
func TestHeadAndConditionalReads(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	issued := f.create(t, client.NewKey(), sale(m, "SKU", 1))
	require.Equal(t, http.StatusCreated, issued.Status, "%s", issued.Body)
	f.awaitSold(t, m, "SKU", issued.Field("saga_id"))
	for _, path := range []string{
		"/invoices?merchant_id=" + m, "/invoices/" + issued.Field("id"), "/sagas?merchant_id=" + m,
		"/sagas/" + issued.Field("saga_id"), "/merchants/" + m, "/inventory?merchant_id=" + m,
		"/inventory/SKU?merchant_id=" + m, "/health", "/health/ready", "/openapi.json",
	} {
		get := f.call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, get.Status, "%s: %s", path, get.Body)
		tag := get.Header.Get("ETag")
		require.NotEmpty(t, tag, path)
		head := f.call(t, http.MethodHead, path, nil)
		require.Equal(t, http.StatusOK, head.Status, path)
		for _, name := range []string{"ETag", "Content-Type", "Cache-Control", "X-Content-Type-Options"} {
			require.Equal(t, get.Header.Get(name), head.Header.Get(name), "%s: %s", path, name)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := f.call(t, method, path, nil, "If-None-Match", `"other", W/`+tag)
			require.Equal(t, http.StatusNotModified, r.Status, "%s %s: %s", method, path, r.Body)
			require.Empty(t, r.Body)
			require.Equal(t, tag, r.Header.Get("ETag"))
			r = f.call(t, method, path, nil, "If-None-Match", `"other"`)
			require.Equal(t, http.StatusOK, r.Status, "%s %s", method, path)
		}
	}
	for path, status := range map[string]int{"/invoices/none": 404, "/nope": 404, "/invoices?limit=0": 400} {
		r := f.call(t, http.MethodHead, path, nil)
		require.Equal(t, status, r.Status, path)
		require.Empty(t, r.Body, path)
	}
	r, err := f.Call(t.Context(), http.MethodHead, "/metrics", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.Status, "of the local gateway")
	f.stock(t, m, "SKU", 20)
	stock := "/inventory/SKU?merchant_id=" + m
	before := f.call(t, http.MethodGet, stock, nil).Header.Get("ETag")
	f.stock(t, m, "SKU", 21)
	r = f.call(t, http.MethodGet, stock, nil, "If-None-Match", before)
	require.Equal(t, http.StatusOK, r.Status, "it has changed")
}

// TestListsAreFiltered: and a cursor continues the list that returned it, no other.
func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	other, m := f.merchant(t, "advise"), f.merchant(t, "advise")
	for _, date := range []string{"2025-03-31", "2025-04-01", "2025-04-02"} {
		body := strings.Replace(numbered(m, "D-"+date), `"2025-11-26"`, `"`+date+`"`, 1)
		require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), body).Status)
	}
	const ofNote = `"document_type":"CRN","original_invoice_number":"D-1","reference":"R/1",`
	creditNote := strings.Replace(numbered(m, "C-1"), `{`, `{`+ofNote, 1)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), creditNote).Status)
	require.Len(t, f.invoices(t, m), 4)
	for filter, want := range map[string]int{
		"": 4, "document_type=CRN": 1, "document_type=DBN": 0, "status=ISSUED": 4, "financial_year=2425": 1,
		"from=2025-04-01": 3, "from=2025-04-01&to=2025-04-02": 2, "buyer_gstin=29AABCU9603R1ZJ&document_type=INV": 3,
		"buyer_gstin=27AABCU9603R1ZN": 0, "reference=R/1": 1, "external_id=R/1": 0,
	} {
		q, err := url.ParseQuery(filter)
		require.NoError(t, err)
		q.Set("merchant_id", m)
		found := f.page(t, "/invoices", q).Invoices
		require.Len(t, found, want, filter)
		for _, inv := range found {
			require.NotContains(t, inv, "items")
		}
	}
	first := f.page(t, "/invoices", url.Values{"merchant_id": {m}, "document_type": {"INV"}, "limit": {"1"}})
	require.NotEmpty(t, first.Next)
	for _, q := range []url.Values{
		{"merchant_id": {m}},
		{"merchant_id": {m}, "document_type": {"CRN"}},
		{"merchant_id": {other}, "document_type": {"INV"}},
	} {
		q.Set("cursor", first.Next)
		r := f.as(t, q.Get("merchant_id")).call(t, http.MethodGet, "/invoices?"+q.Encode(), nil)
		require.Equal(t, http.StatusBadRequest, r.Status, "%s", r.Body)
		require.Equal(t, "cursor_invalid", r.Field("code"))
	}
	second := f.page(t, "/invoices", url.Values{
		"merchant_id": {m}, "document_type": {"INV"}, "limit": {"10"}, "cursor": {first.Next}, "expand": {"document"},
	})
	require.Len(t, second.Invoices, 2)
	require.Contains(t, second.Invoices[0], "items")
}

// TestFailedSagasAndStockAreListed: a merchant's own, and no saga that succeeded.
func TestFailedSagasAndStockAreListed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	other, m := f.merchant(t, "advise"), f.merchant(t, "advise")
	f.stock(t, m, "B", 5)
	f.stock(t, m, "A", 5)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), sale(m, "A", 1)).Status)
	refused := f.create(t, client.NewKey(), sale(m, "A", 50))
	require.Equal(t, http.StatusConflict, refused.Status)
	q := url.Values{"merchant_id": {m}}
	var sagas []map[string]any
	require.NoError(t, stack.Await(t.Context(), 10*time.Second, func() (bool, error) {
		sagas = f.page(t, "/sagas", q).Sagas
		return len(sagas) > 0, nil
	}))
	require.Len(t, sagas, 1)
	require.Equal(t, refused.Field("saga_id"), sagas[0]["id"])
	require.Equal(t, "ABORTED", sagas[0]["state"])
	require.Equal(t, "out_of_stock", sagas[0]["reason"])
	require.NotEmpty(t, sagas[0]["ended_at"])
	require.Empty(t, f.page(t, "/sagas", url.Values{"merchant_id": {m}, "state": {"STUCK"}}).Sagas)
	require.Empty(t, f.page(t, "/sagas", url.Values{"merchant_id": {other}}).Sagas)
	stock := f.page(t, "/inventory", q).Inventory
	require.Len(t, stock, 2)
	require.Equal(t, []any{"A", "B"}, []any{stock[0]["sku"], stock[1]["sku"]})
	require.EqualValues(t, 4, stock[0]["on_hand"])
	require.Empty(t, f.page(t, "/inventory", url.Values{"merchant_id": {other}}).Inventory)
}
