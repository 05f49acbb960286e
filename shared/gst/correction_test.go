package gst_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// anID is the id of an invoice.
const anID = "5cc6f403-c9ae-80f9-bdd0-b43115a42a39"

func TestCorrectionsThatCannotBe(t *testing.T) {
	const byNumber, byID = `"original_invoice_number":"A-1",`, `"original_invoice_id":"` + anID + `",`
	note := func(kind, fields string) string {
		return oneLine("1", "100", "18", `"document_type":"`+kind+`",`+fields+buyerIn29)
	}
	for name, tc := range map[string]struct{ body, field, code string }{
		"an invoice with a reason": {note("INV", `"note_reason":"other",`), "note_reason", "only_for_notes"},
		"an invoice with an id":    {note("INV", byID), "original_invoice_id", "only_for_notes"},
		"an invoice, external":     {note("INV", `"original_external":true,`), "original_external", "only_for_notes"},
		"an invoice with a date": {
			note("INV", `"original_invoice_date":"2025-11-01",`), "original_invoice_date", "only_for_notes",
		},
		"an invoice, goods back":   {note("INV", `"restock":true,`), "restock", "only_for_credit_notes"},
		"a debit note, goods back": {note("DBN", byID+`"restock":true,`), "restock", "only_for_credit_notes"},
		"neither id nor number":    {note("DBN", ""), "original_invoice_number", "required"},
		"id and number":            {note("CRN", byID+byNumber), "original_invoice_id", "original_ambiguous"},
		"the id of an external one": {
			note("CRN", byID+`"original_external":true,`), "original_invoice_id", "original_ambiguous",
		},
		"no id": {
			note("CRN", `"original_invoice_id":"A-1",`),
			"original_invoice_id", "invoice_id_malformed",
		},
		"an id in capitals": {
			note("CRN", `"original_invoice_id":"5CC6F403-c9ae-80f9-bdd0-b43115a42a39",`),
			"original_invoice_id", "invoice_id_malformed",
		},
		"no reason of the return": {note("CRN", byID+`"note_reason":"01",`), "note_reason", "unknown_value"},
		"no date": {
			note("CRN", byNumber+`"original_invoice_date":"1 May",`), "original_invoice_date", "date_invalid",
		},
		"dated before its original": {
			note("CRN", byNumber+`"original_invoice_date":"2025-11-27",`), "invoice_date", "note_before_original",
		},
		"whether external is a flag": {
			note("CRN", byNumber+`"original_external":"yes",`), "original_external", "wrong_type",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, fields := refusal(t, tc.body)
			require.Equal(t, map[string]string{tc.field: tc.code}, fields)
		})
	}
}

func TestWhatANoteSaysIsOnTheInvoice(t *testing.T) {
	inv := assess(t, oneLine("1", "100", "18", `"document_type":"CRN","original_invoice_id":"`+anID+`","restock":true,`+
		`"original_invoice_date":"2025-11-01","note_reason":"sales_return",`+buyerIn29))
	require.Equal(t, gst.Correction{
		OriginalInvoiceID: anID, OriginalInvoiceDate: "2025-11-01", NoteReason: "sales_return", Restock: true,
	}, inv.Correction)
	requireRoundTrip(t, inv)
	plain, err := json.Marshal(assess(t, oneLine("1", "100", "18", buyerIn29)))
	require.NoError(t, err)
	for _, name := range []string{"original_", "note_reason", "restock"} {
		require.NotContains(t, string(plain), name)
	}
}

func TestOnlyReturnedGoodsMoveStock(t *testing.T) {
	for kind, moves := range map[string]bool{
		`"document_type":"INV",`:                                                     true,
		`"document_type":"CRN","original_invoice_number":"A",`:                       false,
		`"document_type":"DBN","original_invoice_number":"A",`:                       false,
		`"document_type":"CRN","original_invoice_number":"A","restock":true,`:        true,
		`"document_type":"CRN","original_invoice_number":"A","restock":false,`:       false,
		`"document_type":"CRN","original_invoice_id":"` + anID + `","restock":true,`: true,
	} {
		t.Run(kind, func(t *testing.T) {
			req := parse(t, lines(2, `{"sku":"A","quantity":2,"unit_price":1,"gst_rate":18}`, kind))
			if !moves {
				require.Empty(t, req.StockLines())
				return
			}
			require.Equal(t, []gst.StockLine{{SKU: "A", Quantity: 4000, Items: []int{0, 1}}}, req.StockLines())
		})
	}
}

func TestWhereTheOriginalIsLookedUp(t *testing.T) {
	const note = `"document_type":"CRN","original_invoice_number":"A",`
	for fields, years := range map[string][]string{
		note: {"2526", "2425"},
		note + `"original_invoice_date":"2024-03-31",`: {"2324"},
		note + `"original_invoice_date":"2025-04-01",`: {"2526"},
	} {
		req := parse(t, oneLine("1", "100", "18", fields))
		require.Equal(t, years, req.OriginalYears())
		require.True(t, req.HasOriginal())
	}
	require.False(t, parse(t, oneLine("1", "100", "18", note+`"original_external":true,`)).HasOriginal())
	require.False(t, parse(t, oneLine("1", "100", "18", "")).HasOriginal())
}
