package gst

import (
	"fmt"
	"regexp"

	"github.com/invochain/invochain/shared/problem"
)

// maxNumber is the most characters of a document number (rule 46(b)).
const maxNumber = 16

var (
	// numberPattern follows rule 46(b): letters, digits, hyphen and slash.
	numberPattern = regexp.MustCompile(`^[A-Za-z0-9/-]{1,16}$`)
	// seriesPattern excludes a first character 0, which an e-invoice's number must not have.
	seriesPattern = regexp.MustCompile(`^[A-Z1-9][A-Z0-9]{0,3}$`)
)

// SeriesNumber returns the document number at position seq (from 1) of a series in a
// financial year such as `2526`: `INV/2526/0001`. Like the series, it does not start with
// 0, / or -, so that an e-invoice can bear it. Error: *problem.Error `series_exhausted` when
// the number would exceed 16 characters.
func SeriesNumber(series, financialYear string, seq int64) (string, error) {
	n := fmt.Sprintf("%s/%s/%04d", series, financialYear, seq)
	if len(n) > maxNumber {
		return "", &problem.Error{
			Kind: problem.Conflict, Code: "series_exhausted",
			Message: fmt.Sprintf("series %s has no number of %d characters left in financial year %s; use another series",
				series, maxNumber, financialYear),
			Fields: []problem.FieldError{{
				Field: "series", Code: "series_exhausted", Message: "has no number left; use another series",
			}},
		}
	}
	return n, nil
}
