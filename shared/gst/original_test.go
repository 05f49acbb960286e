package gst_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

const noteToA1 = `"document_type":"CRN","original_invoice_number":"A-1",`

// original is an invoice of lines at 5 and 18 % to a buyer in 29, dated 2025-11-26.
func original(t *testing.T) gst.Invoice {
	t.Helper()
	const line = `{"description":"x","hsn":"732393","unit":"NOS","quantity":1,"unit_price":100,"gst_rate":18},` +
		`{"description":"x","hsn":"732393","unit":"NOS","quantity":1,"unit_price":50,"gst_rate":5}`
	inv := assess(t, lines(1, line, buyerIn29))
	inv.ID, inv.InvoiceNumber = anID, "a-1"
	return inv
}

func correct(t *testing.T, body string, original *gst.Invoice, seller gst.Seller) (gst.Invoice, *problem.Error) {
	t.Helper()
	inv, err := gst.Correct(assess(t, body), original, seller)
	if err == nil {
		return inv, nil
	}
	refused, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, problem.Invalid, refused.Kind)
	require.Equal(t, 422, refused.Status)
	return inv, refused
}

// TestNotesThatTheirOriginalRefuses: whatever the policy is.
func TestNotesThatTheirOriginalRefuses(t *testing.T) {
	crn, dbn := original(t), original(t)
	crn.DocumentType, dbn.DocumentType = gst.TypeCreditNote, gst.TypeDebitNote
	reverse, zone, abroad := original(t), original(t), original(t)
	reverse.ReverseCharge = true
	zone.SupplyType, abroad.PlaceOfSupply = gst.SEZWP, "96"
	good := original(t)
	note := oneLine("1", "100", "18", noteToA1+buyerIn29)
	for name, tc := range map[string]struct {
		body     string
		original gst.Invoice
		want     []string // code and field of each error
	}{
		"of a credit note": {note, crn, []string{"original_is_note original_invoice_id"}},
		"of a debit note":  {note, dbn, []string{"original_is_note original_invoice_id"}},
		"another buyer": {
			edit(note, "29AABCU9603R1ZJ", "29AAGCB1111K1ZW"), good, []string{"original_differs buyer_gstin"},
		},
		"a buyer without GSTIN": {
			oneLine("1", "100", "18", noteToA1+`"place_of_supply":"29",`), good,
			[]string{"original_differs buyer_gstin", "original_differs supply_type"},
		},
		"another supply type":    {note, zone, []string{"original_differs supply_type"}},
		"another place":          {note, abroad, []string{"original_differs place_of_supply"}},
		"other payer of the tax": {note, reverse, []string{"original_differs reverse_charge"}},
		"another date of it": {
			edit(note, `"CRN",`, `"CRN","original_invoice_date":"2025-11-25",`), good,
			[]string{"original_differs original_invoice_date"},
		},
		"a rate it has not": {
			edit(note, `"gst_rate":18`, `"gst_rate":40`), good, []string{"rate_not_on_original items[0].gst_rate"},
		},
		"dated before it": {
			edit(note, "2025-11-26", "2025-11-25"), good, []string{"note_before_original invoice_date"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, kind := range []string{"CRN", "DBN"} {
				_, refused := correct(t, edit(tc.body, "CRN", kind), &tc.original, seller)
				require.NotNil(t, refused)
				var got []string
				for _, f := range refused.Fields {
					got = append(got, f.Code+" "+f.Field)
				}
				require.Equal(t, tc.want, got)
				require.Equal(t, refused.Fields[0].Code, refused.Code)
			}
		})
	}
}

func TestANoteShowsItsOriginal(t *testing.T) {
	first := original(t)
	for name, tc := range map[string]struct{ fields, number string }{
		"by number, as it was given": {`"original_invoice_number":"A-1",`, "A-1"},
		"by id":                      {`"original_invoice_id":"` + anID + `",`, "a-1"},
	} {
		t.Run(name, func(t *testing.T) {
			inv, refused := correct(t, oneLine("1", "100", "5", `"document_type":"CRN",`+tc.fields+buyerIn29), &first, seller)
			require.Nil(t, refused)
			require.Equal(t, []string{tc.number, anID, "2025-11-26"},
				[]string{inv.OriginalInvoiceNumber, inv.OriginalInvoiceID, string(inv.OriginalInvoiceDate)})
			require.Empty(t, inv.Compliance.Findings)
		})
	}
}

// TestRatesOfAnOriginalWithoutLinesAreNotKnown: its notes may have any.
func TestRatesOfAnOriginalWithoutLinesAreNotKnown(t *testing.T) {
	first := original(t)
	first.Items = nil
	_, refused := correct(t, oneLine("1", "100", "18", noteToA1+buyerIn29), &first, seller)
	require.Nil(t, refused)
}

func TestOriginalsThatAreNotFound(t *testing.T) {
	files := gst.Seller{
		GSTIN: seller.GSTIN, Compliance: gst.Advise, Turnover: []gst.Turnover{{FinancialYear: "2425", Amount: 1}},
	}
	byNumber := oneLine("1", "100", "18", noteToA1+buyerIn29)
	byID := edit(byNumber, `"original_invoice_number":"A-1"`, `"original_invoice_id":"`+anID+`"`)
	external := edit(byNumber, `"CRN"`, `"CRN","original_external":true`)
	for name, tc := range map[string]struct {
		body   string
		seller gst.Seller
		field  string // that is refused
	}{
		"by id":                           {byID, seller, "original_invoice_id"},
		"by number":                       {byNumber, seller, ""},
		"by number, of who files":         {byNumber, files, "original_invoice_number"},
		"of another system, of who files": {external, files, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inv, refused := correct(t, tc.body, nil, tc.seller)
			if tc.field != "" {
				require.NotNil(t, refused)
				require.Equal(t, "original_not_found", refused.Code)
				require.Equal(t, tc.field, refused.Fields[0].Field)
				return
			}
			require.Nil(t, refused)
			require.Equal(t, []string{"original_unknown"}, findingCodes(inv))
			require.Empty(t, inv.Compliance.Findings[0].Blocks)
			strict := tc.seller
			strict.Compliance = gst.Strict
			_, refused = correct(t, tc.body, nil, strict)
			require.Nil(t, refused, "it is advice")
		})
	}
}

// TestLateCreditNotes: 30 November after the end of the original's financial year is the last day.
func TestLateCreditNotes(t *testing.T) {
	for name, tc := range map[string]struct {
		kind, originalDate, date string
		late                     bool
	}{
		"the last day":           {"CRN", "2024-04-01", "2025-11-30", false},
		"a day later":            {"CRN", "2024-04-01", "2025-12-01", true},
		"of March":               {"CRN", "2025-03-31", "2025-12-01", true},
		"of April":               {"CRN", "2025-04-01", "2025-12-01", false},
		"a debit note":           {"DBN", "2024-04-01", "2026-12-01", false},
		"of an unknown original": {"CRN", "", "2026-12-01", false},
	} {
		t.Run(name, func(t *testing.T) {
			body := edit(edit(oneLine("1", "100", "18", noteToA1+buyerIn29), "2025-11-26", tc.date), "CRN", tc.kind)
			strict := gst.Seller{GSTIN: seller.GSTIN, Compliance: gst.Strict}
			requireLate := func(inv gst.Invoice) {
				codes := findingCodes(inv)
				require.Equal(t, tc.late, len(codes) > 0 && codes[len(codes)-1] == "credit_note_late", codes)
			}
			if tc.originalDate != "" {
				first := original(t)
				first.InvoiceDate = gst.Date(tc.originalDate)
				inv, refused := correct(t, body, &first, seller)
				require.Nil(t, refused)
				requireLate(inv)
				_, refused = correct(t, body, &first, strict)
				require.Equal(t, tc.late, refused != nil)
				body = edit(body, `"original_invoice_number"`,
					`"original_invoice_date":"`+tc.originalDate+`","original_invoice_number"`)
			}
			inv, refused := correct(t, body, nil, seller)
			require.Nil(t, refused)
			requireLate(inv)
		})
	}
}

func TestCreditOfADocument(t *testing.T) {
	require.Equal(t, gst.Credit{
		Value: 170_50, TaxableValue: 150_00, Tax: 20_50, Rates: []gst.RateCredit{{500, 50_00}, {1800, 100_00}},
	}, original(t).Credit())
	require.Equal(t, gst.Credit{Value: 15000_00, Rates: []gst.RateCredit{}}, assess(t, literal).Credit(), "its total")
}
