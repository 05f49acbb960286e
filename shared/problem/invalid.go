package problem

import (
	"net/http"
	"slices"
	"strings"
)

// maxFields bounds the fields that one answer lists.
const maxFields = 100

// structural lists the codes of a malformed body, as opposed to an impossible value.
var structural = []string{"unknown_field", "wrong_type", "duplicate_field"}

// InvalidRequest returns an Error that refuses a request for these fields, at most 100 of
// them; nil when there are none. Its status is 400 when the body is malformed, else 422.
func InvalidRequest(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	e := &Error{
		Kind: Invalid, Code: "invalid_request", Message: "the request is not valid; correct the fields listed in errors",
		Status: http.StatusUnprocessableEntity, Fields: fields[:min(len(fields), maxFields)],
	}
	if slices.ContainsFunc(fields, func(f FieldError) bool { return slices.Contains(structural, f.Code) }) {
		e.Status = http.StatusBadRequest
	}
	return e
}

// Clip returns s if it has at most 64 bytes, else its beginning and an ellipsis. What a caller
// sent goes through it before an error text repeats it.
func Clip(s string) string {
	const maxBytes = 64
	if len(s) <= maxBytes {
		return s
	}
	return strings.ToValidUTF8(s[:maxBytes], "") + "…"
}
