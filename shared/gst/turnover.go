package gst

import (
	"cmp"
	"errors"
	"slices"

	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// Turnover is a seller's aggregate turnover of a financial year, of all its registrations in India
// (CGST Act s.2(6)).
type Turnover struct {
	FinancialYear string      `json:"financial_year" dynamodbav:"financial_year"` // such as 2526
	Amount        money.Paise `json:"amount" dynamodbav:"amount"`                 // in JSON rupees
}

// maxYears bounds how many financial years a seller names.
const maxYears = 30

// firstYear is the first financial year of GST. Earlier turnovers decide nothing.
const firstYear = "1718"

// ReadTurnover reads the turnover of each financial year, each year once. The reader collects the
// faults.
func ReadTurnover(r *strictjson.Reader) []Turnover {
	var all []Turnover
	for _, year := range r.Objects("turnover", maxYears) {
		year.Require("financial_year", "amount")
		t := Turnover{
			FinancialYear: strictjson.Matching(year, "financial_year", "financial_year_malformed", parseFinancialYear),
			Amount:        money.Field(year, "amount", money.ParsePaise, 0, money.MaxPaise),
		}
		same := func(other Turnover) bool { return t.FinancialYear != "" && other.FinancialYear == t.FinancialYear }
		if slices.ContainsFunc(all, same) {
			year.Fail("financial_year", "financial_year_repeated", "is given twice")
		}
		year.Finish()
		all = append(all, t)
	}
	return all
}

// parseFinancialYear accepts financial years from 2017-18 on, in the form 2526.
func parseFinancialYear(s string) (string, error) {
	if len(s) != len(firstYear) || s < firstYear || Date("20"+s[:2]+"-04-01").FinancialYear() != s {
		return "", errors.New("must be four digits of two years that follow each other, such as 2526, from 1718 on")
	}
	return s, nil
}

const crore money.Paise = 1_00_00_000_00

// threshold is a turnover above which a rule holds from a day on.
type threshold struct {
	above money.Paise
	from  Date
}

// eInvoiceAbove lists the turnovers above which sellers register their invoices (notification
// 13/2020-Central Tax and its amendments, the last one 10/2023).
var eInvoiceAbove = []threshold{
	{500 * crore, "2020-10-01"},
	{100 * crore, "2021-01-01"},
	{50 * crore, "2021-04-01"},
	{20 * crore, "2022-04-01"},
	{10 * crore, "2022-10-01"},
	{5 * crore, "2023-08-01"},
}

// reportedAbove lists the turnovers above which the portal takes a document for reportDays alone: those of
// at least ₹100 and ₹10 crore, by the day of the report (GSTN's advisories of 13 September 2023 and
// 5 November 2024; IRP 2305).
var reportedAbove = []threshold{
	{100*crore - 1, "2023-11-01"},
	{10*crore - 1, "2025-04-01"},
}

// longCodesAbove is the turnover of the year before above which codes have 6 digits, of B2C too
// (notification 78/2020-Central Tax).
const longCodesAbove = 5 * crore

// MayFileQuarterly reports whether a seller may file its returns by quarter: its last turnover, if
// one is known, is up to ₹5 crore (notification 84/2020-Central Tax).
func MayFileQuarterly(turnover []Turnover) bool {
	if len(turnover) == 0 {
		return true
	}
	byYear := func(a, b Turnover) int { return cmp.Compare(a.FinancialYear, b.FinancialYear) }
	return slices.MaxFunc(turnover, byYear).Amount <= 5*crore
}

// ExemptClasses lists the classes of sellers that register no invoices, whatever their turnover
// (notifications 13/2020 and 23/2021-Central Tax).
func ExemptClasses() []string {
	return []string{"sez_unit", "insurer", "bank", "nbfc", "gta", "passenger_transport", "cinema", "government"}
}

// registersInvoices reports whether the seller registers invoices of a day at the portal. It has to
// once its turnover of any year before was above the threshold of the day. A seller without a turnover
// is taken for one that has to.
func (s Seller) registersInvoices(on Date) bool {
	if s.EInvoiceExempt != "" {
		return false
	}
	if len(s.Turnover) == 0 {
		return true
	}
	return s.hasExceeded(eInvoiceAbove, on)
}

// reportsInTime reports whether the portal takes a document of the seller for reportDays alone, if that is
// reported on a day. Without a turnover it is not known.
func (s Seller) reportsInTime(on Date) bool { return s.hasExceeded(reportedAbove, on) }

// hasExceeded reports whether the seller's turnover of any year before was above a threshold of the day.
func (s Seller) hasExceeded(limits []threshold, on Date) bool {
	year := on.FinancialYear()
	return slices.ContainsFunc(s.Turnover, func(t Turnover) bool {
		return t.FinancialYear < year && slices.ContainsFunc(limits, func(limit threshold) bool {
			return on >= limit.from && t.Amount > limit.above
		})
	})
}

// needsLongCodes reports whether the seller's turnover of the year before requires codes of 6 digits on
// every line. Without that turnover it is not known, and only e-invoices require them.
func (s Seller) needsLongCodes(on Date) bool {
	before := on.previousFinancialYear()
	return slices.ContainsFunc(s.Turnover, func(t Turnover) bool {
		return t.FinancialYear == before && t.Amount > longCodesAbove
	})
}
