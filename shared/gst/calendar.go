package gst

import (
	"errors"
	"fmt"
	"time"
)

// Date is a calendar day written as YYYY-MM-DD; such strings compare as the days do.
type Date string

// ParseDate takes real calendar days from 2017-07-01, when GST began, to 2099.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", errors.New("not a calendar date written as YYYY-MM-DD")
	}
	if s < "2017-07-01" || t.Year() > 2099 {
		return "", errors.New("before 2017-07-01, when GST began, or after 2099")
	}
	return Date(s), nil
}

// FinancialYear of the day, 1 April to 31 March, such as `2526`; empty for what is
// no date.
func (d Date) FinancialYear() string {
	first, ok := d.yearBegun()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%02d%02d", first%100, (first+1)%100)
}

// FinancialYearName is the form that the e-invoice's IRN is made of: `2025-26`.
func (d Date) FinancialYearName() string {
	first, ok := d.yearBegun()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d-%02d", first, (first+1)%100)
}

// yearBegun is the calendar year in which the day's financial year began.
func (d Date) yearBegun() (int, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0, false
	}
	if t.Month() < time.April {
		return t.Year() - 1, true
	}
	return t.Year(), true
}
