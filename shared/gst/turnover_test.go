package gst_test

import (
	"fmt"
	"testing"
	"time"

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

// registrationLimit is a turnover above which a seller registers its invoices, and from which day.
type registrationLimit struct {
	crores money.Paise // each of 10 million rupees
	from   gst.Date
}

func registrationLimits() []registrationLimit {
	return []registrationLimit{
		{500, "2020-10-01"},
		{100, "2021-01-01"},
		{50, "2021-04-01"},
		{20, "2022-04-01"},
		{10, "2022-10-01"},
		{5, "2023-08-01"},
	}
}

func daysBefore(t *testing.T, n int, day gst.Date) gst.Date {
	t.Helper()
	at, err := time.Parse(time.DateOnly, string(day))
	require.NoError(t, err)
	return gst.Date(at.AddDate(0, 0, -n).Format(time.DateOnly))
}

// TestWhoRegistersInvoices has a row for each threshold: its last day without, its first day, and
// the turnover that is not above it.
func TestWhoRegistersInvoices(t *testing.T) {
	t.Parallel()
	for _, limit := range registrationLimits() {
		for day, registers := range map[gst.Date]bool{limit.from: true, daysBefore(t, 1, limit.from): false} {
			t.Run(fmt.Sprintf("%d crore on %s", limit.crores, day), func(t *testing.T) {
				t.Parallel()
				req := parse(t, edit(onlyEInvoice, "2025-11-26", string(day)))
				_, err := gst.Assess(req, withTurnover("1718", limit.crores*crore+1), "")
				require.Equal(t, registers, err != nil, "above")
				_, err = gst.Assess(req, withTurnover("1718", limit.crores*crore), "")
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

// TestEInvoicesAreReportedWithin30Days: the invoice date is the first of them, and the turnover that
// counts is that of the day of the report.
func TestEInvoicesAreReportedWithin30Days(t *testing.T) {
	t.Parallel()
	toRegistered := oneLine("1", "100", "18", buyerIn29)
	exempt := withTurnover("2425", 10*crore)
	exempt.EInvoiceExempt = "bank"
	for name, tc := range map[string]struct {
		body         string
		of           gst.Seller
		dated, today gst.Date
		late         bool
	}{
		"day 30":                    {toRegistered, withTurnover("2425", 10*crore), "2026-10-31", today, false},
		"day 31":                    {toRegistered, withTurnover("2425", 10*crore), "2026-10-30", today, true},
		"day 30 of April":           {toRegistered, withTurnover("2425", 10*crore), "2026-04-01", "2026-04-30", false},
		"day 31 of April":           {toRegistered, withTurnover("2425", 10*crore), "2026-04-01", "2026-05-01", true},
		"a paisa below":             {toRegistered, withTurnover("2425", 10*crore-1), "2026-10-30", today, false},
		"large once":                {toRegistered, withTurnover("1718", 10*crore), "2026-10-30", today, true},
		"large this year":           {toRegistered, withTurnover("2627", 10*crore), "2026-10-30", today, false},
		"10 crore, last day before": {toRegistered, withTurnover("2223", 10*crore), "2025-01-01", "2025-03-31", false},
		"10 crore, first day":       {toRegistered, withTurnover("2223", 10*crore), "2025-01-01", "2025-04-01", true},
		"100 crore, day before":     {toRegistered, withTurnover("2122", 100*crore), "2023-09-01", "2023-10-31", false},
		"100 crore, first day":      {toRegistered, withTurnover("2122", 100*crore), "2023-09-01", "2023-11-01", true},
		"below 100 crore":           {toRegistered, withTurnover("2122", 100*crore-1), "2023-09-01", "2023-11-01", false},
		"without a turnover":        {toRegistered, gst.Seller{GSTIN: seller.GSTIN}, "2026-10-30", today, false},
		"exempt":                    {toRegistered, exempt, "2026-10-30", today, false},
		"no duty on its date":       {toRegistered, withTurnover("2526", 10*crore), "2026-03-31", today, false},
		"unregistered buyer": {
			oneLine("1", "100", "18", ""), withTurnover("2425", 10*crore), "2026-10-30", today, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := parse(t, edit(tc.body, "2025-11-26", string(tc.dated)))
			inv, err := gst.Assess(req, tc.of, tc.today)
			if !tc.late {
				require.NoError(t, err)
				require.Empty(t, inv.Compliance.Findings)
				return
			}
			require.ErrorIs(t, err, &problem.Error{Code: "compliance_findings"})
			tc.of.Compliance = gst.Advise
			inv, err = gst.Assess(req, tc.of, tc.today)
			require.NoError(t, err)
			require.Equal(t, []string{"reporting_late"}, findingCodes(inv))
			require.Equal(t, []string{"e-invoice"}, inv.Compliance.Findings[0].Blocks)
		})
	}
}
