package gst_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

const inclusive = `"prices_include_tax":true,`

func TestPricesThatIncludeTax(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body                       string
		taxable, half, igst, total money.Paise
	}{
		"5,000 at the MRP, inter-state": {
			oneLine("5000", "100", "18", inclusive+buyerIn29), 423_728_81, 0, 76_271_19, 5_00_000_00,
		},
		"5,000 at the MRP, intra-state": {
			oneLine("5000", "100", "18", inclusive+buyerIn27), 423_728_82, 38_135_59, 0, 5_00_000_00,
		},
		"without tax": {oneLine("1", "118", "18", inclusive+`"supply_type":"EXPWOP",`), 118_00, 0, 0, 118_00},
		"no rate":     {oneLine("1", "118", "0", inclusive), 118_00, 0, 0, 118_00},
		"one paisa":   {oneLine("1", "0.01", "100", inclusive), 1, 0, 0, 0},
		"two paise":   {oneLine("1", "0.02", "100", inclusive), 0, 1, 0, 0},
		"for nothing": {oneLine("1", "0", "18", inclusive), 0, 0, 0, 0},
		"the discount": {
			edit(oneLine("1", "128", "18", inclusive), `"gst_rate"`, `"discount":10,"gst_rate"`), 100_00, 9_00, 0, 118_00,
		},
		"and cess": {
			edit(oneLine("1", "150", "28", inclusive), `"gst_rate"`, `"cess_amount":22,"gst_rate"`), 100_00, 14_00, 0, 150_00,
		},
		"tax of the retail sale price": {
			`{"series":"S","seller_merchant_id":"m","invoice_date":"2026-02-01","prices_include_tax":true,"items":[{
				"quantity":1,"unit_price":100,"hsn":"24022010","gst_rate":40,"retail_sale_price":140}]}`,
			60_00, 20_00, 0, 100_00,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			totals := assess(t, tc.body).Totals
			require.Equal(t, []money.Paise{tc.taxable, tc.half, tc.half, tc.igst, tc.total},
				[]money.Paise{totals.TaxableValue, totals.CGST, totals.SGST, totals.IGST, totals.Total})
		})
	}
}

func TestPricesThatCannotIncludeTax(t *testing.T) {
	t.Parallel()
	_, _, refused := refusal(t, oneLine("1", "100", "18", inclusive+`"reverse_charge":true,`))
	require.Equal(t, map[string]string{"prices_include_tax": "tax_not_charged"}, refused)
	line := oneLine("1", "100", "28", inclusive)
	_, _, refused = refusal(t, edit(line, `"gst_rate"`, `"taxable_value":84.75,"gst_rate"`))
	require.Equal(t, map[string]string{"items[0].taxable_value": "unknown_field"}, refused)
	for name, body := range map[string]string{
		"cess of more than the price": edit(line, `"gst_rate"`, `"cess_amount":100.01,"gst_rate"`),
		"tax of more than the price": `{"series":"S","seller_merchant_id":"m","invoice_date":"2026-02-01",
			"prices_include_tax":true,"items":[{
				"quantity":1,"unit_price":39.99,"hsn":"24022010","gst_rate":40,"retail_sale_price":140}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, []problem.FieldError{{
				Field: "items[0].unit_price", Code: "price_below_tax",
				Message: "must be at least the tax and cess that it includes",
			}}, assessError(t, body).Fields)
		})
	}
}

// TestInclusivePricesAreExact: the lines add up to the price, and the taxable value is within a paisa of
// the price without its tax, computed in floats.
func TestInclusivePricesAreExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	rates := []float64{0, 0.25, 1.5, 3, 5, 12, 18, 28, 40}
	for range 2000 {
		rate, paise := rates[random.IntN(len(rates))], 1+random.Int64N(1e9)
		buyer := []string{buyerIn27, buyerIn29}[random.IntN(2)]
		body := oneLine("1", money.Paise(paise).String(), fmt.Sprint(rate), inclusive+buyer)
		l := assess(t, body).Items[0]
		require.EqualValues(t, paise, l.Total, body)
		require.Equal(t, l.Total, l.TaxableValue+l.CGST+l.SGST+l.IGST, body)
		require.Equal(t, l.CGST, l.SGST)
		require.InDelta(t, float64(paise)*100/(100+rate), float64(l.TaxableValue), 1.01, body)
	}
}
