package problem

import (
	"net/http"
	"slices"
)

// maxFields bounds the fields that one answer lists: enough to mend a file by.
const maxFields = 100

// structural are the codes of a malformed body, as opposed to a wrong value.
var structural = []string{"unknown_field", "wrong_type", "duplicate_field"}

// InvalidRequest returns the refusal of a request for these fields, nil when there are
// none: status 400 when the body is malformed, else 422.
func InvalidRequest(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	e := &Error{
		Kind: Invalid, Code: "invalid_request", Message: "the request is not valid; see errors",
		Status: http.StatusUnprocessableEntity, Fields: fields[:min(len(fields), maxFields)],
	}
	if slices.ContainsFunc(fields, func(f FieldError) bool { return slices.Contains(structural, f.Code) }) {
		e.Status = http.StatusBadRequest
	}
	return e
}
