package issuance_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
)

func TestCursorsBelongToOneQuery(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for i := range 3 {
		_, err := f.issue(t.Context(), key(i), request(t, "", "", 1))
		require.NoError(t, err)
	}
	first, cursor, err := f.list(t, invoice.Query{Limit: 2})
	require.NoError(t, err)
	require.Len(t, first, 2)
	issued := invoice.Filter{Status: invoice.Issued}
	for name, q := range map[string]invoice.Query{
		"another merchant": {Tenant: caller.ActingFor("other"), Cursor: cursor, Limit: 2},
		"a filter":         {Filter: issued, Cursor: cursor, Limit: 2},
		"a reference":      {Filter: invoice.Filter{Reference: "R"}, Cursor: cursor, Limit: 2},
		"an external id":   {Filter: invoice.Filter{ExternalID: "E"}, Cursor: cursor, Limit: 2},
		"not a position":   {Cursor: listing.Cursor(merchantID, "x"), Limit: 2},
	} {
		_, _, err = f.list(t, q)
		require.Equal(t, "cursor_invalid", codeOf(err), name)
	}
	rest, end, err := f.list(t, invoice.Query{Cursor: cursor, Limit: 2})
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Empty(t, end)
	_, filtered, err := f.list(t, invoice.Query{Filter: issued, Limit: 2})
	require.NoError(t, err)
	_, _, err = f.list(t, invoice.Query{Cursor: filtered, Limit: 2})
	require.Equal(t, "cursor_invalid", codeOf(err), "without the filter")
	rest, _, err = f.list(t, invoice.Query{Filter: issued, Cursor: filtered, Limit: 2})
	require.NoError(t, err)
	require.Len(t, rest, 1)
}

// dated is a request for an invoice, or what else more makes of it, with a number.
func dated(t *testing.T, number, date string, more map[string]any) gst.Request {
	t.Helper()
	in := map[string]any{
		"invoice_number": number, "seller_merchant_id": merchantID, "invoice_date": date,
		"total_amount": 118, "items": []any{},
	}
	maps.Copy(in, more)
	body, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := gst.ParseRequest(body)
	require.NoError(t, err)
	return req
}

func TestFilters(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const ours, theirs = "29AABCU9603R1ZJ", "27AABCU9603R1ZN"
	longest := strings.Repeat("अ", 100)
	for i, req := range []gst.Request{
		dated(t, "A", "2025-03-31", map[string]any{"buyer_gstin": ours, "reference": "Order 7", "external_id": longest}),
		dated(t, "B", "2025-04-01", map[string]any{"buyer_gstin": theirs, "reference": "Order 7"}),
		dated(t, "C", "2025-04-02", map[string]any{
			"document_type": "CRN", "original_invoice_number": "B", "buyer_gstin": theirs,
		}),
		dated(t, "D", "2025-11-26", nil),
	} {
		_, err := f.issue(t.Context(), key(i), req)
		require.NoError(t, err)
	}
	for name, tc := range map[string]struct {
		filter invoice.Filter
		want   string
	}{
		"none":                {invoice.Filter{}, "DCBA"},
		"document type":       {invoice.Filter{DocumentType: gst.TypeCreditNote}, "C"},
		"other document type": {invoice.Filter{DocumentType: gst.TypeDebitNote}, ""},
		"status":              {invoice.Filter{Status: invoice.Issued}, "DCBA"},
		"from":                {invoice.Filter{From: "2025-04-01"}, "DCB"},
		"to":                  {invoice.Filter{To: "2025-04-01"}, "BA"},
		"one day":             {invoice.Filter{From: "2025-04-01", To: "2025-04-01"}, "B"},
		"buyer":               {invoice.Filter{BuyerGSTIN: ours}, "A"},
		"financial year":      {invoice.Filter{FinancialYear: "2425"}, "A"},
		"reference":           {invoice.Filter{Reference: "Order 7"}, "BA"},
		"other case":          {invoice.Filter{Reference: "order 7"}, ""},
		"a part of it":        {invoice.Filter{Reference: "Order"}, ""},
		"external id":         {invoice.Filter{ExternalID: longest}, "A"},
		"the other's text":    {invoice.Filter{ExternalID: "Order 7"}, ""},
		"combined":            {invoice.Filter{FinancialYear: "2526", BuyerGSTIN: theirs, DocumentType: "INV"}, "B"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 100} {
				var got strings.Builder
				q := invoice.Query{Filter: tc.filter, Limit: limit}
				for {
					found, next, err := f.list(t, q)
					require.NoError(t, err)
					for _, inv := range found {
						got.WriteString(inv.InvoiceNumber)
					}
					if q.Cursor = next; next == "" {
						break
					}
				}
				require.Equal(t, tc.want, got.String(), "limit %d", limit)
			}
		})
	}
}
