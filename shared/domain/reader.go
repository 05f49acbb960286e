package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Codes of what makes a body malformed rather than wrong.
var structural = []string{"unknown_field", "wrong_type", "duplicate_field"}

// reader takes fields out of one JSON object and notes all that is wrong.
type reader struct {
	path   string
	fields map[string]any
	known  []string
	errs   *[]FieldError
}

func newReader(fields map[string]any) *reader {
	return &reader{fields: fields, errs: &[]FieldError{}}
}

func (r *reader) fail(name, code, message string) {
	*r.errs = append(*r.errs, FieldError{Field: r.path + name, Code: code, Message: message})
}

// take marks the field as known; null counts as absent.
func (r *reader) take(name string) (any, bool) {
	r.known = append(r.known, name)
	v := r.fields[name]
	return v, v != nil
}

// text of at most most characters, free of control characters.
func (r *reader) text(name string, most int) string {
	v, given := r.take(name)
	if !given {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		r.fail(name, "wrong_type", "must be a string")
	case utf8.RuneCountInString(s) > most:
		r.fail(name, "too_long", fmt.Sprintf("at most %d characters", most))
	case strings.ContainsFunc(s, unicode.IsControl):
		r.fail(name, "control_character", "holds a control character")
	default:
		return s
	}
	return ""
}

// decimal is the literal of a JSON number, or of a string that holds one.
func (r *reader) decimal(name string) (string, bool) {
	v, given := r.take(name)
	switch v := v.(type) {
	case json.Number:
		return v.String(), true
	case string:
		return v, true
	}
	if given {
		r.fail(name, "wrong_type", "must be a number, or a string that holds one")
	}
	return "", false
}

func (r *reader) flag(name string) bool {
	v, given := r.take(name)
	b, ok := v.(bool)
	if given && !ok {
		r.fail(name, "wrong_type", "must be true or false")
	}
	return b
}

// oneOf is a text out of a list; the first is the default of an absent one.
func (r *reader) oneOf(name string, values ...string) string {
	s := r.text(name, 16)
	if s == "" {
		return values[0]
	}
	if !slices.Contains(values, s) {
		r.fail(name, "unknown_value", "must be one of "+strings.Trim(strings.Join(values, ", "), ", "))
	}
	return s
}

// valueError is what is wrong with a value, under a code of its own.
type valueError struct{ code, message string }

func (e valueError) Error() string { return e.message }

// matching is a text that parse takes; else the code is that of its valueError, or
// the given one.
func matching[T ~string](r *reader, name, code string, parse func(string) (T, error)) T {
	s := r.text(name, 64)
	if s == "" {
		return ""
	}
	v, err := parse(s)
	if own, ok := errors.AsType[valueError](err); ok {
		code = own.code
	}
	if err != nil {
		r.fail(name, code, err.Error())
	}
	return v
}

// finish refuses the fields that nobody asked for: they are typos.
func (r *reader) finish() {
	names := make([]string, 0, len(r.fields))
	for name := range r.fields {
		if !slices.Contains(r.known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.fail(clip(name), "unknown_field", "there is no such field")
	}
}

// problem of everything noted; nil when there is nothing.
func (r *reader) problem() error { return invalid(*r.errs) }

// invalid is the refusal of a request for these fields; nil when there are none.
func invalid(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	e := &Error{
		Kind: Invalid, Code: "invalid_request", Message: "the request is not valid; see errors",
		Status: http.StatusUnprocessableEntity, Fields: fields,
	}
	for _, f := range e.Fields {
		if slices.Contains(structural, f.Code) {
			e.Status = http.StatusBadRequest
		}
	}
	const most = 100 // enough to mend a file by, bounded for the answer's size
	e.Fields = e.Fields[:min(len(e.Fields), most)]
	return e
}

// required notes an absent field. It is asked after the field was read.
func (r *reader) required(names ...string) {
	for _, name := range names {
		if v := r.fields[name]; v == nil || v == "" {
			r.fail(name, "required", "is required")
		}
	}
}

// clip keeps a name that the caller made up short enough to repeat to them.
func clip(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
