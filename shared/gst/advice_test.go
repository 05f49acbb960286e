package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// today is the day in India of these tests.
const today gst.Date = "2026-11-29"

func strictOn(t *testing.T, body string) (gst.Invoice, error) {
	t.Helper()
	return gst.Assess(parse(t, body), gst.Seller{GSTIN: seller.GSTIN, Compliance: gst.Strict}, today)
}

func TestDatesAroundToday(t *testing.T) {
	for day, tc := range map[string]struct {
		code    string
		refused bool
	}{
		"2026-11-29": {"", false}, "2026-11-30": {"date_in_future", true}, "2099-12-31": {"date_in_future", true},
		"2025-05-29": {"", false}, "2025-05-28": {"date_too_old", false}, "2018-01-01": {"date_too_old", false},
	} {
		t.Run(day, func(t *testing.T) {
			body := edit(oneLine("1", "100", "18", buyerIn29), "2025-11-26", day)
			inv, err := gst.Assess(parse(t, body), seller, today)
			require.NoError(t, err)
			if tc.code == "" {
				require.Empty(t, inv.Compliance.Findings)
			} else {
				require.Equal(t, []string{tc.code}, findingCodes(inv))
			}
			_, err = strictOn(t, body)
			require.Equal(t, tc.refused, err != nil, "%v", err)
		})
	}
}

// TestOfSellersWithoutEInvoices: what blocks e-invoices alone is advice to them.
func TestOfSellersWithoutEInvoices(t *testing.T) {
	small := gst.Seller{GSTIN: seller.GSTIN, Compliance: gst.Strict, EInvoiceExempt: "bank"}
	toRegistered := oneLine("1", "100", "18", buyerIn29)
	for name, tc := range map[string]struct {
		body, code string
		refused    bool
	}{
		"HSN of 4": {edit(toRegistered, "732393", "7323"), "hsn_length", false},
		"number starts with 0": {
			edit(toRegistered, `"series":"S"`, `"invoice_number":"0001"`), "number_first_character", false,
		},
		"name in Hindi": {edit(toRegistered, "Brightway Stores", "शर्मा ट्रेडर्स"), "text_not_latin", false},
		"HSN of 3":      {edit(toRegistered, "732393", "732"), "hsn_length", true},
		"HSN unknown":   {edit(toRegistered, "732393", "7777"), "hsn_unknown", true},
	} {
		t.Run(name, func(t *testing.T) {
			inv, err := gst.Assess(parse(t, tc.body), small, "")
			if tc.refused {
				require.ErrorIs(t, err, &problem.Error{Code: "compliance_findings"})
				return
			}
			require.NoError(t, err)
			require.Equal(t, []string{tc.code}, findingCodes(inv))
			require.Equal(t, []string{"e-invoice"}, inv.Compliance.Findings[0].Blocks)
		})
	}
}

// TestWhereADocumentGoes: a finding names only the filings of its document.
func TestWhereADocumentGoes(t *testing.T) {
	const unknown = "73239399"
	blocks := func(body string) []string { return assess(t, body).Compliance.Findings[0].Blocks }
	dear := edit(oneLine("1", "42373", "18", buyerIn29), "732393", unknown)
	require.Equal(t, []string{"GSTR-1", "e-invoice", "e-way bill"}, blocks(dear), "50,000.14")
	require.Equal(t, []string{"GSTR-1", "e-invoice"}, blocks(edit(dear, "42373", "42372")), "49,998.96")
	require.Equal(t, []string{"GSTR-1", "e-invoice"}, blocks(edit(edit(dear, "42373", "90000"), "18", "0")), "exempt")
	require.Equal(t, []string{"GSTR-1", "e-way bill"}, blocks(edit(dear, buyerIn29, named)))
	note := edit(dear, `"items"`, `"document_type":"CRN","original_invoice_number":"A","items"`)
	require.Equal(t, []string{"GSTR-1", "e-invoice"}, blocks(note))
	noCode := edit(edit(dear, buyerIn29, named), `"hsn":"73239399",`, "")
	require.Equal(t, []string{"e-way bill"}, blocks(noCode))
}
