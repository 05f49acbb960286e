//go:build integration

package integration_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// TestExamplesOfTheDescriptionAreIssued: a strict merchant may issue every document that
// openapi.json shows.
func TestExamplesOfTheDescriptionAreIssued(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "strict")
	f.stock(t, m, "SKU-001", 100)
	examples, err := f.doc.Examples(http.MethodPost, "/invoices")
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	const original = "b2b_intra_state" // of the notes, so it is issued first
	names := append([]string{original}, slices.Collect(maps.Keys(examples))...)
	for _, name := range names {
		body := examples[name]
		r := f.create(t, client.NewKey(), strings.Replace(string(body), `"merchant-123"`, `"`+m+`"`, 1))
		require.Equal(t, http.StatusCreated, r.Status, "%s: %s", name, r.Body)
		require.Contains(t, string(r.Body), `"compliance":{"findings":[]}`, name)
	}
}

// TestTheFirstRequestWorksUnchanged: integrators send this one as it stands. A stack that had it
// before replays it.
func TestTheFirstRequestWorksUnchanged(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const key = "d5f0b3a4-6a51-4a3e-9d0e-6a4c5b8f1e27"
	r := f.create(t, key, `{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123",`+
		`"buyer_gstin":"29AABCU9603R1ZN","invoice_date":"2025-11-26","due_date":"2025-12-26",`+
		`"total_amount":15000,"items":[]}`)
	if r.Field("code") == "invoice_number_taken" {
		t.Skip("TEST-001 was issued on this stack with another key")
	}
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	require.Equal(t, "TEST-001", r.Field("invoice_number"))
	for _, finding := range []string{"gstin_checksum", "no_items"} {
		require.Contains(t, string(r.Body), `"code":"`+finding+`"`)
	}
}
