package gst_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// Lines of ₹100: with tax, exempt, and at rate 0 without a nature.
const (
	taxedLine  = `{"sku":"A","description":"x","hsn":"732393","unit":"NOS","quantity":1,"unit_price":100,"gst_rate":18}`
	exemptLine = `{"sku":"A","description":"x","hsn":"071390","unit":"KGS","quantity":1,"unit_price":100,"gst_rate":0,` +
		`"nature":"exempt"}`
	zeroLine = `{"sku":"A","description":"x","hsn":"071390","unit":"KGS","quantity":1,"unit_price":100,"gst_rate":0}`
)

// typed returns a request of a document type.
func typed(kind, fields string, items ...string) string {
	return edit(lines(0, "", `"document_type":"`+kind+`",`+fields), "[]", "["+strings.Join(items, ",")+"]")
}

func TestBillsOfSupply(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body     string
		total    gst.Totals
		findings []string
	}{
		"bill of supply": {
			typed("BOS", buyerIn29, exemptLine, zeroLine), gst.Totals{TaxableValue: 200_00, Total: 200_00}, nil,
		},
		"invoice-cum-bill of supply": {
			typed("ICB", "", exemptLine, taxedLine),
			gst.Totals{TaxableValue: 200_00, CGST: 9_00, SGST: 9_00, Total: 218_00},
			nil,
		},
		"an invoice of both": {
			typed("INV", buyerIn29, exemptLine, taxedLine), gst.Totals{TaxableValue: 200_00, IGST: 18_00, Total: 218_00}, nil,
		},
		"an invoice of exempt lines": {
			typed("INV", buyerIn29, exemptLine),
			gst.Totals{TaxableValue: 100_00, Total: 100_00},
			[]string{"bill_of_supply_expected"},
		},
		"an invoice at rate 0": {typed("INV", buyerIn29, zeroLine), gst.Totals{TaxableValue: 100_00, Total: 100_00}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := assess(t, tc.body)
			require.Equal(t, tc.total, inv.Totals)
			require.Equal(t, tc.findings, findingCodes(inv))
			require.Len(t, parse(t, tc.body).StockLines(), 1, "it takes stock")
		})
	}
}

func TestWrongTypes(t *testing.T) {
	t.Parallel()
	notMixed := map[string]string{"document_type": "supply_not_mixed"}
	registered := map[string]string{"document_type": "buyer_registered"}
	cess := strings.Replace(zeroLine, `"gst_rate"`, `"cess_fixed":1,"gst_rate"`, 1)
	named := strings.Replace(zeroLine, `"gst_rate"`, `"nature":"taxable","gst_rate"`, 1)
	for name, tc := range map[string]struct {
		body string
		want map[string]string
	}{
		"bill of supply with tax": {
			typed("BOS", "", exemptLine, taxedLine), map[string]string{"items[1].nature": "taxable_on_bill_of_supply"},
		},
		"with cess": {typed("BOS", "", cess), map[string]string{"items[0].nature": "taxable_on_bill_of_supply"}},
		"of a taxable line at rate 0": {
			typed("BOS", "", named), map[string]string{"items[0].nature": "taxable_on_bill_of_supply"},
		},
		"both, without exempt lines":  {typed("ICB", "", taxedLine), notMixed},
		"both, without taxed lines":   {typed("ICB", "", exemptLine), notMixed},
		"both, to a registered buyer": {typed("ICB", buyerIn29, exemptLine, taxedLine), registered},
		"both, for an export":         {typed("ICB", `"supply_type":"EXPWP",`, exemptLine, taxedLine), registered},
		"unknown":                     {typed("auto", "", taxedLine), map[string]string{"document_type": "unknown_value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, fields := refusal(t, tc.body)
			require.Equal(t, 422, status)
			require.Equal(t, tc.want, fields)
		})
	}
}

// TestWhereABillOfSupplyGoes: to the return, and neither to the invoice portal nor, being exempt, with
// an e-way bill. It corrects no other document.
func TestWhereABillOfSupplyGoes(t *testing.T) {
	t.Parallel()
	dear := strings.Replace(exemptLine, `"unit_price":100`, `"unit_price":90000`, 1)
	inv := assess(t, typed("BOS", buyerIn29, strings.Replace(dear, "071390", "777777", 1)))
	require.Equal(t, []string{"hsn_unknown"}, findingCodes(inv))
	require.Equal(t, []string{"GSTR-1"}, inv.Compliance.Findings[0].Blocks)
	inv = assess(t, typed("BOS", buyerIn29+`"original_invoice_number":"A",`, dear))
	require.Equal(t, []string{"original_on_invoice"}, findingCodes(inv))
	inv = assess(t, typed("ICB", named, dear, strings.Replace(strings.Replace(
		taxedLine, `"unit_price":100`, `"unit_price":90000`, 1), "732393", "777777", 1)))
	require.Equal(t, []string{"GSTR-1", "e-way bill"}, inv.Compliance.Findings[0].Blocks)
}
