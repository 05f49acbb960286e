package gst

import (
	"errors"
	"fmt"
	"time"
)

// Date is a calendar day in the form YYYY-MM-DD; such strings sort as the days do.
type Date string

// ParseDate accepts calendar days from 2017-07-01, when GST began, to 2099-12-31.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", errors.New("must be a calendar date in the form YYYY-MM-DD")
	}
	if s < "2017-07-01" || t.Year() > 2099 {
		return "", errors.New("must be between 2017-07-01, when GST began, and 2099-12-31")
	}
	return Date(s), nil
}

// india is the time zone of India: UTC+05:30, without daylight saving time.
var india = time.FixedZone("IST", 5*60*60+30*60)

// DayInIndia returns the calendar day of an instant in India.
func DayInIndia(t time.Time) Date { return Date(t.In(india).Format(time.DateOnly)) }

// EndInIndia returns the instant at which the day ends in India; the zero time if d is not a date.
func (d Date) EndInIndia() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), india)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

// FinancialYear returns the financial year of the day, 1 April to 31 March, such as `2526`;
// empty if d is not a date.
func (d Date) FinancialYear() string {
	first, ok := d.financialYearStart()
	if !ok {
		return ""
	}
	return financialYear(first)
}

// previousFinancialYear returns the financial year before the one of the day.
func (d Date) previousFinancialYear() string {
	first, _ := d.financialYearStart()
	return financialYear(first - 1)
}

// financialYear returns the financial year that starts in a calendar year.
func financialYear(first int) string { return fmt.Sprintf("%02d%02d", first%100, (first+1)%100) }

// FirstDay returns the first day of a financial year such as `2526`; empty if year is none.
func FirstDay(year string) Date {
	if len(year) != len("2526") {
		return ""
	}
	first := Date("20" + year[:2] + "-04-01")
	if first.FinancialYear() != year {
		return ""
	}
	return first
}

// FinancialYearName returns the financial year in the form that an e-invoice's IRN is
// computed from: `2025-26`; empty if d is not a date.
func (d Date) FinancialYearName() string {
	first, ok := d.financialYearStart()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d-%02d", first, (first+1)%100)
}

// financialYearStart returns the calendar year in which the day's financial year starts.
func (d Date) financialYearStart() (int, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0, false
	}
	if t.Month() < time.April {
		return t.Year() - 1, true
	}
	return t.Year(), true
}
