package gst_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

var seller = gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}

func assess(t *testing.T, body string) gst.Invoice {
	t.Helper()
	inv, err := gst.Assess(parse(t, body), seller)
	require.NoError(t, err)
	return inv
}

// one line of quantity × price at a rate, with more fields of the request.
func one(quantity, price, rate, more string) string {
	return fmt.Sprintf(`{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26",%s"items":[`+
		`{"description":"x","hsn":"732393","unit":"NOS","quantity":%s,"unit_price":%s,"gst_rate":%s}]}`, more, quantity, price, rate)
}

func TestWhereASupplyIsTaxed(t *testing.T) {
	const inState, outOfState = `"buyer_gstin":"27AAACI1681G1ZP",`, `"buyer_gstin":"29AABCU9603R1ZJ",`
	for name, tc := range map[string]struct {
		more, supply, place string
		cgst, sgst, igst    money.Paise
	}{
		"buyer of the same state":        {inState, "B2B", "27", 900, 900, 0},
		"buyer of another":               {outOfState, "B2B", "29", 0, 0, 1800},
		"delivered elsewhere":            {inState + `"place_of_supply":"33",`, "B2B", "33", 0, 0, 1800},
		"unregistered buyer":             {"", "B2C", "27", 900, 900, 0},
		"unregistered, of another state": {`"place_of_supply":"29",`, "B2C", "29", 0, 0, 1800},
		"special economic zone":          {inState + `"supply_type":"SEZWP",`, "SEZWP", "27", 0, 0, 1800},
		"the same without payment":       {inState + `"supply_type":"SEZWOP",`, "SEZWOP", "27", 0, 0, 0},
		"export with payment":            {`"supply_type":"EXPWP",`, "EXPWP", "96", 0, 0, 1800},
		"export without":                 {`"supply_type":"EXPWOP",`, "EXPWOP", "96", 0, 0, 0},
		"deemed export":                  {inState + `"supply_type":"DEXP",`, "DEXP", "27", 900, 900, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inv := assess(t, one("1", "100", "18", tc.more))
			require.Equal(t, tc.supply, inv.SupplyType)
			require.Equal(t, tc.place, inv.PlaceOfSupply)
			require.Equal(t, []money.Paise{tc.cgst, tc.sgst, tc.igst}, []money.Paise{inv.Totals.CGST, inv.Totals.SGST, inv.Totals.IGST})
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
			inv := assess(t, one(tc.quantity, tc.price, tc.rate, ""))
			require.Equal(t, tc.taxable, inv.Totals.TaxableValue)
			require.Equal(t, tc.cgst, inv.Totals.CGST)
			require.Equal(t, inv.Totals.CGST, inv.Totals.SGST, "always equal")
			require.Equal(t, tc.total, inv.Totals.Total)
			sum := inv.Totals.TaxableValue + inv.Totals.CGST + inv.Totals.SGST + inv.Totals.IGST + inv.Totals.Cess + inv.Totals.RoundOff
			require.Equal(t, inv.Totals.Total, sum)
		})
	}
}

func TestGivenTotalMayDifferByARupee(t *testing.T) {
	for total, ok := range map[string]bool{"118": true, "117": true, "119": true, "116.99": false, "119.01": false} {
		_, err := gst.Assess(parse(t, one("1", "100", "18", `"total_amount":`+total+`,`)), seller)
		require.Equal(t, ok, err == nil, total)
		if !ok {
			require.ErrorIs(t, err, &problem.Error{Code: "total_mismatch"})
		}
	}
}

func TestReverseChargeIsShownNotAsked(t *testing.T) {
	inv := assess(t, one("1", "100", "18", `"reverse_charge":true,`))
	require.EqualValues(t, 900, inv.Totals.CGST)
	require.EqualValues(t, 10000, inv.Totals.Total)
}

func TestDiscountIsAtMostTheValue(t *testing.T) {
	body := strings.Replace(one("1", "100", "18", ""), `"gst_rate"`, `"discount":100.01,"gst_rate"`, 1)
	_, err := gst.Assess(parse(t, body), seller)
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "items[0].discount", e.Fields[0].Field)
}

func TestNoCessWithoutPaymentOfTax(t *testing.T) {
	for supply, ok := range map[string]bool{"EXPWOP": false, "SEZWOP": false, "EXPWP": true, "SEZWP": true} {
		body := strings.Replace(one("1", "100", "28", `"supply_type":"`+supply+`",`), `"gst_rate"`, `"cess_amount":12,"gst_rate"`, 1)
		inv, err := gst.Assess(parse(t, body), seller)
		if ok {
			require.NoError(t, err)
			require.EqualValues(t, 1200, inv.Totals.Cess)
			require.EqualValues(t, 14000, inv.Totals.Total)
			continue
		}
		var e *problem.Error
		require.ErrorAs(t, err, &e, supply)
		require.Equal(t, problem.FieldError{Field: "items[0].cess_amount", Code: "cess_without_payment", Message: "a supply without payment of tax bears no cess"}, e.Fields[0])
	}
}

func TestFindings(t *testing.T) {
	for name, tc := range map[string]struct {
		body  string
		codes []string
	}{
		"none":                {one("1", "100", "18", `"buyer_gstin":"29AABCU9603R1ZJ",`), nil},
		"the literal one":     {literal, []string{"gstin_checksum", "no_items"}},
		"12 % after the end":  {one("1", "100", "12", ""), []string{"rate_not_in_force"}},
		"12 % before":         {strings.Replace(one("1", "100", "12", ""), "2025-11-26", "2025-09-21", 1), nil},
		"40 % before":         {strings.Replace(one("1", "100", "40", ""), "2025-11-26", "2025-09-21", 1), []string{"rate_not_in_force"}},
		"40 % on the day":     {strings.Replace(one("1", "100", "40", ""), "2025-11-26", "2025-09-22", 1), nil},
		"no HSN":              {strings.Replace(one("1", "100", "18", `"buyer_gstin":"29AABCU9603R1ZJ",`), `"hsn":"732393",`, ``, 1), []string{"hsn_missing"}},
		"HSN of 4":            {strings.Replace(one("1", "100", "18", `"buyer_gstin":"29AABCU9603R1ZJ",`), "732393", "7323", 1), []string{"hsn_length"}},
		"HSN of 7":            {strings.Replace(one("1", "100", "18", ""), "732393", "7323931", 1), []string{"hsn_length"}},
		"HSN of 8":            {strings.Replace(one("1", "100", "18", `"buyer_gstin":"29AABCU9603R1ZJ",`), "732393", "73239310", 1), nil},
		"HSN of 4 for B2C":    {strings.Replace(one("1", "100", "18", ""), "732393", "7323", 1), nil},
		"note of an old 12 %": {strings.Replace(one("1", "100", "12", `"document_type":"CRN","original_invoice_number":"A",`), "2025-11-26", "2025-09-22", 1), nil},
		"note of no rate":     {one("1", "100", "13", `"document_type":"CRN","original_invoice_number":"A",`), []string{"rate_not_in_force"}},
		"note before 40 %":    {strings.Replace(one("1", "100", "40", `"document_type":"DBN","original_invoice_number":"A",`), "2025-11-26", "2025-09-21", 1), []string{"rate_not_in_force"}},
		"28 % service":        {strings.Replace(one("1", "100", "28", ""), `"unit":"NOS"`, `"is_service":true`, 1), []string{"rate_not_in_force"}},
		"7.5 % service":       {strings.Replace(one("1", "100", "7.5", ""), `"unit":"NOS"`, `"is_service":true`, 1), nil},
		"7.5 % goods":         {one("1", "100", "7.5", ""), []string{"rate_not_in_force"}},
		"no unit":             {strings.Replace(one("1", "100", "18", ""), `"unit":"NOS",`, ``, 1), []string{"unit_missing"}},
		"nobody for 50,000":   {one("500", "100", "0", ""), []string{"buyer_address_missing"}},
		"below it before tax": {one("499.99", "100", "18", ""), nil},
		"a total of 50,000":   {`{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26","total_amount":50000}`, []string{"buyer_address_missing", "no_items"}},
		"somebody for 50,000": {one("500", "100", "0", `"buyer_name":"A","buyer_address":"B",`), nil},
		"SEZ of nobody":       {one("1", "100", "18", `"supply_type":"SEZWP",`), []string{"gstin_missing"}},
		"export to a state":   {one("1", "100", "18", `"supply_type":"EXPWP","place_of_supply":"29",`), []string{"place_of_supply_mismatch"}},
		"buyer of no state":   {one("1", "100", "18", `"buyer_gstin":"45AABCU9603R1ZP",`), []string{"state_unknown"}},
		"buyer abroad":        {one("1", "100", "18", `"buyer_gstin":"9917SGP29001OST",`), []string{"gstin_class"}},
		"UN body":             {one("1", "100", "18", `"buyer_gstin":"0717UNO00211UN2",`), nil},
		"legacy state":        {one("1", "100", "18", `"place_of_supply":"28",`), []string{"state_legacy"}},
		"first character":     {strings.Replace(one("1", "100", "18", `"buyer_gstin":"29AABCU9603R1ZJ",`), `"series":"S"`, `"invoice_number":"0-1"`, 1), []string{"number_first_character"}},
	} {
		t.Run(name, func(t *testing.T) {
			var codes []string
			for _, f := range assess(t, tc.body).Compliance.Findings {
				codes = append(codes, f.Code)
				require.NotEmpty(t, f.Blocks)
			}
			require.Equal(t, tc.codes, codes)
			strict := seller
			strict.Compliance = gst.Strict
			_, err := gst.Assess(parse(t, tc.body), strict)
			var e *problem.Error
			require.Equal(t, tc.codes != nil, errors.As(err, &e))
			if e != nil {
				require.Len(t, e.Extensions["findings"], len(tc.codes))
			}
		})
	}
}

func TestInvoiceRoundTripsAsJSON(t *testing.T) {
	inv := assess(t, lined)
	b, err := json.Marshal(inv)
	require.NoError(t, err)
	var back gst.Invoice
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, inv, back)
	require.Contains(t, string(b), `"findings":[`)
}
