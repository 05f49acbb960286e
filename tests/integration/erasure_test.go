//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// TestEraseABuyer: after an erasure no answer shows the contact, but for the caller's own replay; the
// invoice and its receipt stay. An invoice that is issued later shows its contact.
func TestEraseABuyer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	const mail = "erased.buyer@example.org"
	request := func(number string) string {
		return fmt.Sprintf(`{"invoice_number":%q,"seller_merchant_id":%q,"invoice_date":"2025-11-26","total_amount":15000,`+
			`"items":[],"buyer_name":"Erased Buyer","buyer_email":%q,"buyer_phone":"9876500000"}`, number, m, mail)
	}
	key := client.NewKey()
	issued := f.create(t, key, request("A-1"))
	require.Equal(t, http.StatusCreated, issued.Status, "%s", issued.Body)
	require.Equal(t, mail, issued.Field("buyer_email"))
	path := "/invoices/" + issued.Field("id")
	require.Equal(t, mail, f.call(t, http.MethodGet, path, nil).Field("buyer_email"))
	before := f.receiptOf(t, issued.Field("id"), "")
	require.NotContains(t, before.Document, mail)

	erase := []byte(`{"subject":{"email":"Erased.Buyer@EXAMPLE.org"},"law":"gdpr"}`)
	first := f.call(t, http.MethodPost, "/erasures", erase, "Content-Type", "application/json")
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Body)
	require.Contains(t, string(first.Body), `"erased":["contact"]`)
	require.Contains(t, string(first.Body), `"financial_year":"2526"`)
	again := f.call(t, http.MethodPost, "/erasures", erase, "Content-Type", "application/json")
	require.Equal(t, first.Field("id"), again.Field("id"))

	// An instance remembers a key for a minute.
	require.NoError(t, stack.Await(t.Context(), 2*time.Minute, func() (bool, error) {
		r := f.call(t, http.MethodGet, path, nil)
		return r.Field("contact_erased_at") != "" && r.Field("buyer_email") == "" && r.Field("buyer_phone") == "" &&
			r.Field("buyer_name") == "", nil
	}))
	require.NoError(t, stack.Await(t.Context(), 2*time.Minute, func() (bool, error) {
		list := f.invoices(t, m)
		return list[0]["contact_erased_at"] != nil && list[0]["buyer_email"] == nil, nil
	}))
	replay := f.create(t, key, request("A-1"))
	require.Equal(t, string(issued.Body), string(replay.Body), "the caller's own key opens its answer")
	after := f.receiptOf(t, issued.Field("id"), "")
	require.Equal(t, before.Document, after.Document)
	_, err := receipt.Verify(f.auditKey(t), after)
	require.NoError(t, err)

	later := f.create(t, client.NewKey(), request("A-2"))
	require.Equal(t, http.StatusCreated, later.Status, "%s", later.Body)
	require.Equal(t, mail, f.call(t, http.MethodGet, "/invoices/"+later.Field("id"), nil).Field("buyer_email"))
}
