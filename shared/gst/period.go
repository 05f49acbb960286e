package gst

import (
	"errors"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// Month is a calendar month in the form YYYY-MM; such strings sort as the months do.
type Month string

// ParseMonth accepts months from 2017-07, when GST began, to 2099-12.
func ParseMonth(s string) (Month, error) {
	if _, err := time.Parse("2006-01", s); err != nil {
		return "", errors.New("must be a month in the form YYYY-MM")
	}
	if s < "2017-07" || s > "2099-12" {
		return "", errors.New("must be between 2017-07, when GST began, and 2099-12")
	}
	return Month(s), nil
}

// Month returns the month of the day; empty if d is not a date.
func (d Date) Month() Month {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return ""
	}
	return Month(d[:len("2006-01")])
}

// Next returns the first day after the month.
func (m Month) Next() Date {
	first, err := time.Parse("2006-01", string(m))
	if err != nil {
		return ""
	}
	return Date(first.AddDate(0, 1, 0).Format(time.DateOnly))
}

// HasClosed reports whether the seller has closed the books of the month that the day is in.
func (s Seller) HasClosed(d Date) bool { return s.ClosedThrough != "" && d.Month() <= s.ClosedThrough }

// checkPeriod refuses a document that is dated in a month whose books the seller has closed.
// Error: *problem.Error of kind Conflict.
func (s Seller) checkPeriod(dated Date) error {
	if !s.HasClosed(dated) {
		return nil
	}
	message := fmt.Sprintf("%s is in a closed month: the books are closed through %s", dated, s.ClosedThrough)
	open := s.ClosedThrough.Next()
	return &problem.Error{
		Kind: problem.Conflict, Code: "period_closed",
		Message: message + fmt.Sprintf("; date the document %s or later. A document of a closed month is corrected by "+
			"a note that is dated now", open),
		Fields: []problem.FieldError{{
			Field: "invoice_date", Code: "period_closed", Message: fmt.Sprintf("must be %s or later", open),
		}},
	}
}
