package gst_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// freight is a charge of ₹250 at 5 %, as a field for oneLine.
const freight = `"other_charges":[{"description":"Freight","hsn":"996511","amount":250,"gst_rate":5}],`

func TestAmountsOfADocument(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fields string
		want   gst.Totals
	}{
		"freight": {
			freight + buyerIn29, gst.Totals{TaxableValue: 1250_00, IGST: 192_50, RoundOff: 50, Total: 1443_00},
		},
		"freight within the state": {
			freight + buyerIn27, gst.Totals{TaxableValue: 1250_00, CGST: 96_25, SGST: 96_25, RoundOff: 50, Total: 1443_00},
		},
		"freight that includes tax": {
			inclusive + freight + buyerIn29,
			gst.Totals{TaxableValue: 1085_56, IGST: 164_44, Total: 1250_00},
		},
		"freight under reverse charge": {
			`"reverse_charge":true,` + freight + buyerIn29,
			gst.Totals{TaxableValue: 1250_00, IGST: 192_50, ReverseCharge: 192_50, Total: 1250_00},
		},
		"freight without payment": {
			`"supply_type":"EXPWOP",` + freight, gst.Totals{TaxableValue: 1250_00, Total: 1250_00},
		},
		"discount after tax": {
			`"discount":80,` + buyerIn29, gst.Totals{TaxableValue: 1000_00, IGST: 180_00, Discount: 80_00, Total: 1100_00},
		},
		"the whole total": {
			`"discount":1180,` + buyerIn29, gst.Totals{TaxableValue: 1000_00, IGST: 180_00, Discount: 1180_00},
		},
		"TCS by rate": {
			`"discount":80,"tcs":{"rate":0.1},` + buyerIn29,
			gst.Totals{
				TaxableValue: 1000_00, IGST: 180_00, Discount: 80_00, TCS: 1_10, RoundOff: -10, Total: 1101_00,
			},
		},
		"TCS by amount": {
			`"tcs":{"amount":1.18},"total_amount":1181.18,` + buyerIn29,
			gst.Totals{TaxableValue: 1000_00, IGST: 180_00, TCS: 1_18, Total: 1181_18},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := assess(t, oneLine("10", "100", "18", tc.fields))
			require.Equal(t, tc.want, inv.Totals)
			require.Equal(t, tc.want.Discount, inv.Discount)
			requireRoundTrip(t, inv)
		})
	}
}

func TestChargesAreShownWithTheirTax(t *testing.T) {
	t.Parallel()
	p := preview(t, oneLine("10", "100", "18", freight+buyerIn27+`"tcs":{"rate":1},`))
	charge := gst.Charge{Description: "Freight", HSN: "996511", Amount: 250_00, GSTRate: 500}
	require.Equal(t, []gst.ChargeLine{{charge, 250_00, 6_25, 6_25, 0, 262_50}}, p.Draft.OtherCharges)
	require.Equal(t, &gst.TCS{Rate: 100, Amount: 14_43}, p.Draft.TCS)
	require.Len(t, p.TaxExplanation, 2)
	require.Equal(t, "other_charges[0]", p.TaxExplanation[1].Field)
	require.Equal(t, "IGST Act s.8(2)", p.TaxExplanation[1].Rule, "freight is a service")
	require.Equal(t, "CGST and SGST each: 250 × 2.5 %", p.TaxExplanation[1].Computation)
	require.Equal(t, "1442.5 × 1 %, of the total before it", derivation(p, "tcs.amount").Reason)
	require.Equal(t, "items, other charges, discount and TCS add up to 1456.93, rounded to the rupee",
		derivation(p, "totals.round_off").Reason)
}

func TestWrongAmounts(t *testing.T) {
	t.Parallel()
	with := func(fields string) string { return oneLine("10", "100", "18", fields) }
	many := strings.TrimSuffix(strings.Repeat(`{"description":"x","amount":1,"gst_rate":5},`, 11), ",")
	for name, tc := range map[string]struct {
		body string
		want map[string]string
	}{
		"charge without a name": {
			with(`"other_charges":[{"amount":1,"gst_rate":5}],`),
			map[string]string{"other_charges[0].description": "required"},
		},
		"eleven charges": {with(`"other_charges":[` + many + `],`), map[string]string{"other_charges": "too_many_items"}},
		"a charge beside a thousand lines": {
			lines(gst.MaxItems, taxedLine, freight), map[string]string{"other_charges": "too_many_items"},
		},
		"TCS twice": {with(`"tcs":{"rate":1,"amount":1},`), map[string]string{"tcs": "rate_or_amount"}},
		"without lines": {
			lines(0, "", `"total_amount":1,"discount":1,"tcs":{"rate":1},`+freight),
			map[string]string{
				"other_charges": "items_required", "discount": "items_required", "tcs": "items_required",
			},
		},
		"taxed freight on a bill of supply": {
			typed("BOS", freight, exemptLine), map[string]string{"other_charges[0].gst_rate": "taxable_on_bill_of_supply"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, fields := refusal(t, tc.body)
			require.Equal(t, tc.want, fields)
		})
	}
	dear := `"other_charges":[{"description":"x","amount":1000000000000,"gst_rate":18}],`
	taken := edit(oneLine("10", "100000000000", "0", ""), `"items"`, `"tcs":{"rate":0.01},"items"`)
	for body, want := range map[string]string{
		with(`"discount":1180.01,`): "discount discount_too_large",
		with(dear):                  "items out_of_range",
		taken:                       "tcs out_of_range",
	} {
		e := assessError(t, body).Fields[0]
		require.Equal(t, want, e.Field+" "+e.Code)
	}
}

// TestFindingsOfCharges: their code and rate are judged, and their value counts for the e-way bill.
func TestFindingsOfCharges(t *testing.T) {
	t.Parallel()
	body := oneLine("10", "100", "18", freight+buyerIn29)
	require.Empty(t, findingCodes(assess(t, body)))
	wrong := assess(t, edit(edit(body, "996511", "9965"), `"amount":250,"gst_rate":5`, `"amount":250,"gst_rate":3`))
	require.Equal(t, []string{"hsn_length", "rate_not_in_force"}, findingCodes(wrong))
	require.Equal(t, "other_charges[0].hsn", wrong.Compliance.Findings[0].Field)
	dear := edit(oneLine("1", "42000", "18", freight+buyerIn29), "732393", "777777")
	require.Equal(t, []string{"GSTR-1", "e-invoice"}, assess(t, dear).Compliance.Findings[0].Blocks, "49,822.50")
	dear = edit(dear, `"amount":250`, `"amount":450`)
	require.Equal(t, []string{"GSTR-1", "e-invoice", "e-way bill"}, assess(t, dear).Compliance.Findings[0].Blocks)
}

// TestNotesAgainstCharges: a note takes back charges of its original, at their rate.
func TestNotesAgainstCharges(t *testing.T) {
	t.Parallel()
	original := assess(t, oneLine("10", "100", "18", freight+buyerIn29))
	require.Equal(t, gst.Credit{
		Value: 1442_50, TaxableValue: 1250_00, Tax: 192_50,
		Rates: []gst.RateCredit{{500, 250_00}, {1800, 1000_00}},
	}, original.Credit())
	const note = `"document_type":"CRN","original_invoice_number":"A",`
	for rate, faults := range map[string]int{"5": 0, "18": 0, "12": 2} {
		draft := assess(t, oneLine("1", "1", rate, note+buyerIn29+
			`"other_charges":[{"description":"x","hsn":"996511","amount":1,"gst_rate":`+rate+`}],`))
		_, err := gst.Correct(draft, &original, seller)
		if faults == 0 {
			require.NoError(t, err)
			continue
		}
		e, ok := errors.AsType[*problem.Error](err)
		require.True(t, ok, "%v", err)
		require.Len(t, e.Fields, faults)
		require.Equal(t, "other_charges[0].gst_rate", e.Fields[1].Field)
	}
}
