package gst

import (
	"fmt"
	"regexp"

	"github.com/invochain/invochain/shared/problem"
)

// Rule 46(b): at most 16 characters, letters, digits, hyphen and slash.
const maxNumber = 16

var (
	numberShape = regexp.MustCompile(`^[A-Za-z0-9/-]{1,16}$`)
	seriesShape = regexp.MustCompile(`^[A-Z1-9][A-Z0-9]{0,3}$`)
)

// SeriesNumber is the document number at place seq (from 1) of a series in a
// financial year such as `2526`: `INV/2526/0001`. It begins with no 0, / or -, so
// that it can be an e-invoice's. Error: *Error `series_exhausted` when the number
// would not fit 16 characters.
func SeriesNumber(series, financialYear string, seq int64) (string, error) {
	n := fmt.Sprintf("%s/%s/%04d", series, financialYear, seq)
	if len(n) > maxNumber {
		return "", &problem.Error{
			Kind: problem.Conflict, Code: "series_exhausted",
			Message: fmt.Sprintf("series %s has no number of 16 characters left in financial year %s", series, financialYear),
			Fields:  []problem.FieldError{{Field: "series", Code: "series_exhausted", Message: "begin another series"}},
		}
	}
	return n, nil
}
