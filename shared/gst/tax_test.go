package gst_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

func TestPlaceOfSupplyDecidesTheTax(t *testing.T) {
	for name, tc := range map[string]struct {
		fields, supply, place string
		cgst, sgst, igst      money.Paise
	}{
		"buyer of the same state":            {buyerIn27, "B2B", "27", 900, 900, 0},
		"buyer of another state":             {buyerIn29, "B2B", "29", 0, 0, 1800},
		"delivered to another state":         {buyerIn27 + `"place_of_supply":"33",`, "B2B", "33", 0, 0, 1800},
		"unregistered buyer":                 {"", "B2C", "27", 900, 900, 0},
		"unregistered, of another state":     {`"place_of_supply":"29",`, "B2C", "29", 0, 0, 1800},
		"special economic zone":              {buyerIn27 + `"supply_type":"SEZWP",`, "SEZWP", "27", 0, 0, 1800},
		"special economic zone without":      {buyerIn27 + `"supply_type":"SEZWOP",`, "SEZWOP", "27", 0, 0, 0},
		"export with payment of tax":         {`"supply_type":"EXPWP",`, "EXPWP", "96", 0, 0, 1800},
		"export without payment of tax":      {`"supply_type":"EXPWOP",`, "EXPWOP", "96", 0, 0, 0},
		"deemed export within the own state": {buyerIn27 + `"supply_type":"DEXP",`, "DEXP", "27", 900, 900, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inv := assess(t, oneLine("1", "100", "18", tc.fields))
			require.Equal(t, tc.supply, inv.SupplyType)
			require.Equal(t, tc.place, inv.PlaceOfSupply)
			got := []money.Paise{inv.Totals.CGST, inv.Totals.SGST, inv.Totals.IGST}
			require.Equal(t, []money.Paise{tc.cgst, tc.sgst, tc.igst}, got)
		})
	}
}

func TestRoundingOfLinesAndTotals(t *testing.T) {
	for name, tc := range map[string]struct {
		quantity, price, rate string
		taxable, cgst, total  money.Paise
	}{
		"half a paisa goes up":       {"1", "62.51", "18", 6251, 563, 7400},
		"quantity of three decimals": {"0.333", "10.005", "5", 333, 8, 300},
		"no rate":                    {"3", "33.33", "0", 9999, 0, 10000},
		"a quarter percent":          {"1", "1000", "0.25", 100000, 125, 100300},
	} {
		t.Run(name, func(t *testing.T) {
			totals := assess(t, oneLine(tc.quantity, tc.price, tc.rate, "")).Totals
			require.Equal(t, tc.taxable, totals.TaxableValue)
			require.Equal(t, tc.cgst, totals.CGST)
			require.Equal(t, totals.CGST, totals.SGST, "always equal")
			require.Equal(t, tc.total, totals.Total)
			sum := totals.TaxableValue + totals.CGST + totals.SGST + totals.IGST + totals.Cess + totals.RoundOff
			require.Equal(t, totals.Total, sum)
		})
	}
}

func TestReverseChargeIsShownButNotInTheTotal(t *testing.T) {
	inv := assess(t, oneLine("1", "100", "18", `"reverse_charge":true,`))
	require.EqualValues(t, 900, inv.Totals.CGST)
	require.EqualValues(t, 10000, inv.Totals.Total)
}

func TestDiscountIsAtMostTheValue(t *testing.T) {
	e := assessError(t, edit(oneLine("1", "100", "18", ""), `"gst_rate"`, `"discount":100.01,"gst_rate"`))
	require.Equal(t, problem.FieldError{
		Field: "items[0].discount", Code: "discount_too_large", Message: "must be at most quantity × unit_price",
	}, e.Fields[0])
}

func TestNoCessWithoutPaymentOfTax(t *testing.T) {
	for supply, ok := range map[string]bool{"EXPWOP": false, "SEZWOP": false, "EXPWP": true, "SEZWP": true} {
		t.Run(supply, func(t *testing.T) {
			body := edit(oneLine("1", "100", "28", `"supply_type":"`+supply+`",`), `"gst_rate"`, `"cess_amount":12,"gst_rate"`)
			if ok {
				inv := assess(t, body)
				require.EqualValues(t, 1200, inv.Totals.Cess)
				require.EqualValues(t, 14000, inv.Totals.Total)
				return
			}
			require.Equal(t, problem.FieldError{
				Field: "items[0].cess_amount", Code: "cess_without_payment",
				Message: "cess cannot be charged on a supply without payment of tax",
			}, assessError(t, body).Fields[0])
		})
	}
}

func TestEveryFaultyLineIsNamed(t *testing.T) {
	body := lines(3, `{"quantity":1,"unit_price":1,"gst_rate":18,"discount":2}`, "")
	e := assessError(t, edit(body, `"discount":2`, `"discount":1`))
	require.Len(t, e.Fields, 2)
	require.Equal(t, "items[1].discount", e.Fields[0].Field)
	require.Equal(t, "items[2].discount", e.Fields[1].Field)
}

func TestInvoiceRoundTripsAsJSON(t *testing.T) {
	inv := assess(t, lined)
	requireRoundTrip(t, inv)
	b, err := json.Marshal(inv)
	require.NoError(t, err)
	require.Contains(t, string(b), `"findings":[`)
}

func TestAcceptedAmountsRoundTripAsJSON(t *testing.T) {
	const rupees = `1000000000000`
	line := func(rate string) string { return `{"quantity":1,"unit_price":` + rupees + `,"gst_rate":` + rate + `}` }
	for name, body := range map[string]string{
		"the largest amount":                 lines(1, line("0"), ""),
		"the largest tax, paid by the buyer": lines(1, line("100"), `"reverse_charge":true,`),
		"the largest price":                  lines(1, `{"quantity":0.001,"unit_price":999999999999.999,"gst_rate":18}`, ""),
		"the largest total without lines":    lines(0, "", `"total_amount":`+rupees+`,`),
		"a thousand lines of nearly nothing": lines(gst.MaxItems, `{"quantity":0.001,"unit_price":0.001,"gst_rate":18}`, ""),
	} {
		t.Run(name, func(t *testing.T) { requireRoundTrip(t, assess(t, body)) })
	}
}
