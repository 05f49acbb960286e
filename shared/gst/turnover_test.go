package gst_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

const crore money.Paise = 1_00_00_000_00

// withTurnover returns a strict seller with the turnover of one financial year.
func withTurnover(year string, amount money.Paise) gst.Seller {
	return gst.Seller{
		GSTIN: seller.GSTIN, Compliance: gst.Strict, Turnover: []gst.Turnover{{FinancialYear: year, Amount: amount}},
	}
}

// onlyEInvoice is a request with a finding that blocks the e-invoice alone.
var onlyEInvoice = edit(oneLine("1", "100", "18", buyerIn29), "732393", "7323")

// TestWhoRegistersInvoices has a row for each threshold: its last day without, its first day, and
// the turnover that is not above it.
func TestWhoRegistersInvoices(t *testing.T) {
	t.Parallel()
	for _, limit := range []struct {
		above       money.Paise
		first, last string
	}{
		{500, "2020-10-01", "2020-09-30"},
		{100, "2021-01-01", "2020-12-31"},
		{50, "2021-04-01", "2021-03-31"},
		{20, "2022-04-01", "2022-03-31"},
		{10, "2022-10-01", "2022-09-30"},
		{5, "2023-08-01", "2023-07-31"},
	} {
		for day, registers := range map[string]bool{limit.first: true, limit.last: false} {
			t.Run(fmt.Sprintf("%d crore on %s", limit.above, day), func(t *testing.T) {
				t.Parallel()
				req := parse(t, edit(onlyEInvoice, "2025-11-26", day))
				_, err := gst.Assess(req, withTurnover("1718", limit.above*crore+1), "")
				require.Equal(t, registers, err != nil, "above")
				_, err = gst.Assess(req, withTurnover("1718", limit.above*crore), "")
				require.NoError(t, err, "not above")
			})
		}
	}
}

func TestTurnoverOfOtherYears(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		seller  gst.Seller
		refused bool
	}{
		"unknown":           {gst.Seller{GSTIN: seller.GSTIN}, true},
		"small":             {withTurnover("2425", crore), false},
		"large once":        {withTurnover("1718", 6*crore), true},
		"large this year":   {withTurnover("2526", 600*crore), false},
		"large in a future": {withTurnover("2627", 600*crore), false},
		"exempt":            {gst.Seller{GSTIN: seller.GSTIN, EInvoiceExempt: "nbfc"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gst.Assess(parse(t, onlyEInvoice), tc.seller, "")
			require.Equal(t, tc.refused, err != nil, "%v", err)
		})
	}
}

// TestDigitsOfCodes: above ₹5 crore in the year before, codes have 6 digits, of B2C too, and
// whether or not the seller registers its invoices.
func TestDigitsOfCodes(t *testing.T) {
	t.Parallel()
	toConsumer := oneLine("1", "100", "18", "")
	four, none := edit(toConsumer, "732393", "7323"), edit(toConsumer, `"hsn":"732393",`, "")
	for name, tc := range map[string]struct {
		body, year string
		amount     money.Paise
		code       string
	}{
		"small, 4 digits":             {four, "2425", 5 * crore, ""},
		"small, none":                 {none, "2425", 5 * crore, ""},
		"large, 4 digits":             {four, "2425", 5*crore + 1, "hsn_length"},
		"large, none":                 {none, "2425", 5*crore + 1, "hsn_missing"},
		"large, 6 digits":             {toConsumer, "2425", 5*crore + 1, ""},
		"large two years ago, 4":      {four, "2324", 6 * crore, ""},
		"large in this year, 4":       {four, "2526", 6 * crore, ""},
		"registered buyer, 4 digits":  {onlyEInvoice, "2425", 5 * crore, ""},
		"registered, of a large one":  {onlyEInvoice, "2425", 5*crore + 1, "hsn_length"},
		"registered, first year 1718": {edit(onlyEInvoice, "2025-11-26", "2018-04-01"), "1718", 6 * crore, "hsn_length"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := withTurnover(tc.year, tc.amount)
			inv, err := gst.Assess(parse(t, tc.body), of, "")
			if tc.code != "" {
				require.ErrorIs(t, err, &problem.Error{Code: "compliance_findings"})
				of.Compliance = gst.Advise
				inv, err = gst.Assess(parse(t, tc.body), of, "")
				require.Equal(t, []string{tc.code}, findingCodes(inv))
				require.Contains(t, inv.Compliance.Findings[0].Blocks, "GSTR-1")
			}
			require.NoError(t, err)
		})
	}
}
