package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// dated returns a request of one line of goods on a day; fields are further ones of the line.
func dated(day, hsn, rate, fields string) string {
	body := edit(edit(oneLine("1000", "60", rate, buyerIn29), "2025-11-26", day), "732393", hsn)
	return edit(body, `"gst_rate"`, fields+`"gst_rate"`)
}

func TestCessEndsByGoods(t *testing.T) {
	const cess, note = `"cess_amount":50,`, `"document_type":"CRN","original_invoice_number":"A","items"`
	ended := []string{"cess_ended"}
	unregistered := edit(dated("2025-09-22", "870322", "40", cess), buyerIn29, named)
	for name, tc := range map[string]findingCase{
		"cars, last day":    {dated("2025-09-21", "870322", "28", cess), nil},
		"cars, day after":   {dated("2025-09-22", "870322", "40", cess), ended},
		"tobacco, last day": {dated("2026-01-31", "240220", "28", cess), nil},
		"tobacco, day after": {
			dated("2026-02-01", "240220", "40", cess+`"retail_sale_price":100,`), ended,
		},
		"goods without a code":       {edit(unregistered, `"hsn":"870322",`, ""), []string{"hsn_missing", "cess_ended"}},
		"a note for an older supply": {edit(dated("2026-02-01", "240220", "28", cess), `"items"`, note), nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.codes, findingCodes(assess(t, tc.body)))
		})
	}
}

// TestTaxOnTheRetailSalePrice takes 1,000 packs that are sold for 60 rupees each and bear a
// printed price of 100 (GSTN's advisory of 23 January 2026).
func TestTaxOnTheRetailSalePrice(t *testing.T) {
	t.Parallel()
	sale := dated("2026-02-01", "240220", "40", `"retail_sale_price":100,`)
	inv := assess(t, sale)
	require.Empty(t, inv.Compliance.Findings)
	require.Equal(t, gst.Totals{
		TaxableValue: 60_000_00, IGST: 28_571_43, RoundOff: -43, Total: 88_571_00,
	}, inv.Totals)
	requireRoundTrip(t, inv)

	within := assess(t, edit(sale, buyerIn29, buyerIn27)).Totals
	require.Equal(t, []money.Paise{14_285_71, 14_285_71}, []money.Paise{within.CGST, within.SGST})
	require.Zero(t, assess(t, edit(sale, buyerIn29, `"supply_type":"EXPWOP",`)).Totals.IGST)

	biris := assess(t, dated("2026-02-01", "24031921", "18", ""))
	require.Empty(t, biris.Compliance.Findings)
	require.Equal(t, money.Paise(10_800_00), biris.Totals.IGST)
}

func TestTobaccoNeedsItsRetailSalePrice(t *testing.T) {
	t.Parallel()
	for _, hsn := range []string{"21069020", "240120", "240220", "24039910", "24041100", "24041900"} {
		inv := assess(t, dated("2026-02-01", hsn, "40", ""))
		require.Equal(t, []string{"retail_sale_price_missing"}, findingCodes(inv), hsn)
		require.Equal(t, "items[0].retail_sale_price", inv.Compliance.Findings[0].Field)
	}
}

func TestRetailSalePriceOfOtherGoodsIsRefused(t *testing.T) {
	const price = `"retail_sale_price":100,`
	for name, body := range map[string]string{
		"other goods":             dated("2026-02-01", "220210", "40", price),
		"biris":                   dated("2026-02-01", "24031921", "18", price),
		"tobacco before rule 31D": dated("2026-01-31", "240220", "28", price),
		"goods without a code":    edit(dated("2026-02-01", "220210", "40", price), `"220210"`, `""`),
	} {
		t.Run(name, func(t *testing.T) {
			e := assessError(t, body)
			require.Equal(t, "items[0].retail_sale_price", e.Fields[0].Field)
			require.Equal(t, "retail_sale_price_not_applicable", e.Fields[0].Code)
		})
	}
}
