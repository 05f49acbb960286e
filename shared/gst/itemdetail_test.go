package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// detailed returns a request of one line of 10 × ₹100 with further fields.
func detailed(rate, line, fields string) string {
	return edit(oneLine("10", "100", rate, fields), `"gst_rate"`, line+`"gst_rate"`)
}

func TestDetailsOfALine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want gst.Totals
	}{
		"cess by rate": {
			detailed("28", `"cess_rate":12.5,`, buyerIn29),
			gst.Totals{TaxableValue: 1000_00, IGST: 280_00, Cess: 125_00, Total: 1405_00},
		},
		"three kinds of cess": {
			detailed("28", `"cess_rate":5,"cess_amount":10,"cess_fixed":4.5,`, buyerIn29),
			gst.Totals{TaxableValue: 1000_00, IGST: 280_00, Cess: 64_50, RoundOff: 50, Total: 1345_00},
		},
		"cess within the price": {
			edit(oneLine("1", "250", "28", inclusive), `"gst_rate"`, `"cess_rate":22,"cess_fixed":100,"gst_rate"`),
			gst.Totals{TaxableValue: 100_00, CGST: 14_00, SGST: 14_00, Cess: 122_00, Total: 250_00},
		},
		"discount in percent": {
			detailed("18", `"discount_percent":12.5,`, buyerIn29),
			gst.Totals{TaxableValue: 875_00, IGST: 157_50, RoundOff: 50, Total: 1033_00},
		},
		"exempt": {detailed("0", `"nature":"exempt",`, buyerIn29), gst.Totals{TaxableValue: 1000_00, Total: 1000_00}},
		"reverse charge": {
			detailed("18", `"reverse_charge":true,"cess_rate":1,`, buyerIn27),
			gst.Totals{TaxableValue: 1000_00, CGST: 90_00, SGST: 90_00, Cess: 10_00, ReverseCharge: 190_00, Total: 1000_00},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := assess(t, tc.body)
			require.Equal(t, tc.want, inv.Totals)
			requireRoundTrip(t, inv)
		})
	}
}

// TestALineShowsWhatItsPercentagesGive: the discount and the cess, rounded half up.
func TestALineShowsWhatItsPercentagesGive(t *testing.T) {
	t.Parallel()
	body := edit(oneLine("1", "0.10", "0", ""), `"gst_rate"`, `"discount_percent":25,"cess_rate":50,"gst_rate"`)
	l := assess(t, body).Items[0]
	require.Equal(t, []money.Paise{3, 7, 4, 11}, []money.Paise{l.Discount, l.TaxableValue, l.CessByRate, l.Total})
}

// TestReverseChargeOfSomeLines: their tax is outside the total, and that of the others in it.
func TestReverseChargeOfSomeLines(t *testing.T) {
	t.Parallel()
	body := edit(lines(2, `{"description":"x","hsn":"732393","unit":"NOS","quantity":1,"unit_price":100,"gst_rate":18}`,
		buyerIn29), `"gst_rate":18`, `"gst_rate":18,"reverse_charge":true`)
	inv := assess(t, body)
	require.Equal(t, []money.Paise{100_00, 118_00}, []money.Paise{inv.Items[0].Total, inv.Items[1].Total})
	require.Equal(t, gst.Totals{TaxableValue: 200_00, IGST: 36_00, ReverseCharge: 18_00, Total: 218_00}, inv.Totals)
	require.Equal(t, []string{"reverse_charge_mixed"}, findingCodes(inv))
	require.Equal(t, "items[0].reverse_charge", inv.Compliance.Findings[0].Field)
}

func TestFreeQuantityLeavesTheStock(t *testing.T) {
	t.Parallel()
	req := parse(t, edit(lined, `"quantity":"2.5"`, `"free_quantity":0.5,"quantity":"2.5"`))
	require.EqualValues(t, 4000, req.StockLines()[0].Quantity, "2.5 and 0.5 free, and 1 of another line")
}

func TestWrongDetailsOfALine(t *testing.T) {
	t.Parallel()
	one := map[string]string{"items[0].cess_rate": "cess_not_applicable"}
	for name, tc := range map[string]struct {
		body string
		want map[string]string
	}{
		"two discounts": {
			detailed("18", `"discount":0,"discount_percent":5,`, ""),
			map[string]string{"items[0].discount_percent": "discount_twice"},
		},
		"over 100 percent": {
			detailed("18", `"discount_percent":100.01,`, ""), map[string]string{"items[0].discount_percent": "out_of_range"},
		},
		"tax on exempt goods": {
			detailed("5", `"nature":"exempt",`, ""), map[string]string{"items[0].gst_rate": "rate_not_applicable"},
		},
		"tax on nil-rated goods": {
			detailed("0.25", `"nature":"nil",`, ""), map[string]string{"items[0].gst_rate": "rate_not_applicable"},
		},
		"cess on petrol": {detailed("0", `"nature":"non_gst","cess_rate":1,`, ""), one},
		"fixed cess on petrol": {
			detailed("0", `"nature":"non_gst","cess_fixed":1,`, ""),
			map[string]string{"items[0].cess_fixed": "cess_not_applicable"},
		},
		"cess on a retail price": {detailed("40", `"retail_sale_price":1,"cess_rate":1,`, ""), one},
		"unknown nature": {
			detailed("0", `"nature":"zero",`, ""), map[string]string{"items[0].nature": "unknown_value"},
		},
		"unknown country": {
			detailed("0", `"origin_country":"UK",`, ""), map[string]string{"items[0].origin_country": "country_unknown"},
		},
		"too much given for free": {
			edit(oneLine("1", "1", "18", ""), `"gst_rate"`, `"free_quantity":9999999999,"gst_rate"`),
			map[string]string{"items[0].free_quantity": "out_of_range"},
		},
		"reverse charge within the price": {
			detailed("18", `"reverse_charge":true,`, inclusive), map[string]string{"items[0].reverse_charge": "tax_not_charged"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, fields := refusal(t, tc.body)
			require.Equal(t, tc.want, fields)
		})
	}
	e := assessError(t, detailed("28", `"cess_rate":1,`, `"supply_type":"EXPWOP",`))
	require.Equal(t, "items[0].cess_rate", e.Fields[0].Field)
	require.Equal(t, "cess_without_payment", e.Fields[0].Code)
}

func TestDetailsAreExplained(t *testing.T) {
	t.Parallel()
	const byRate = `"cess_rate":12,`
	for name, tc := range map[string]struct{ body, head, computation string }{
		"cess by rate": {
			detailed("28", byRate, buyerIn29), "IGST", "IGST: 1000 × 28 %; cess: 1000 × 12 %",
		},
		"cess within the price": {
			detailed("28", byRate, inclusive), "CGST+SGST",
			"CGST and SGST each: 1000 × 14 ÷ 140; cess: 1000 × 12 ÷ 140; the taxable value is the rest of 1000",
		},
		"discount in percent": {
			detailed("18", `"discount_percent":10,`, buyerIn29), "IGST", "discount: 10 × 100 × 10 %; IGST: 900 × 18 %",
		},
		"reverse charge": {
			detailed("18", `"reverse_charge":true,`, buyerIn29), "IGST", "IGST: 1000 × 18 %; the buyer pays it to the state",
		},
		"nil":     {detailed("0", `"nature":"nil",`, ""), "none", "no tax"},
		"exempt":  {detailed("0", `"nature":"exempt",`, ""), "none", "no tax"},
		"non-GST": {detailed("0", `"nature":"non_gst",`, ""), "none", "no tax"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			explained := preview(t, tc.body).TaxExplanation[0]
			require.Equal(t, tc.head, explained.Head)
			require.Equal(t, tc.computation, explained.Computation)
		})
	}
	require.Equal(t, "under reverse charge the buyer pays 180 of the tax; the total leaves it out",
		derivation(preview(t, detailed("18", `"reverse_charge":true,`, buyerIn29)), "totals.total").Reason)
}
