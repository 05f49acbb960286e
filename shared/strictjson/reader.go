// Package strictjson reads request bodies strictly and reports every fault at once: a
// duplicate key, an unknown field, a wrong type or a malformed value, each by its path.
package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/invochain/invochain/shared/problem"
)

// Reader takes fields out of one JSON object and collects every fault.
type Reader struct {
	path   string
	fields map[string]any
	known  []string
	errs   *[]problem.FieldError
}

// Read parses a body strictly. The error is a *Error of kind Invalid: 413 for
// a body over MaxBody, 400 for one that is not a JSON object.
func Read(body []byte) (*Reader, error) {
	fields, err := parse(body)
	if err != nil {
		return nil, err
	}
	return &Reader{fields: fields, errs: &[]problem.FieldError{}}, nil
}

// Child returns a reader of an object within this one. Both collect into one list of
// faults; path, such as `items[3]`, prefixes the names of the child's fields.
func (r *Reader) Child(path string, fields map[string]any) *Reader {
	return &Reader{path: path + ".", fields: fields, errs: r.errs}
}

// Fail records a fault of a field.
func (r *Reader) Fail(name, code, message string) {
	*r.errs = append(*r.errs, problem.FieldError{Field: r.path + name, Code: code, Message: message})
}

// Take marks a field as known and returns its value, nil if absent; null counts as absent.
func (r *Reader) Take(name string) any {
	r.known = append(r.known, name)
	return r.fields[name]
}

// Text returns a string of at most max characters without control characters.
func (r *Reader) Text(name string, max int) string {
	v := r.Take(name)
	s, ok := v.(string)
	switch {
	case v == nil:
		return ""
	case !ok:
		r.Fail(name, "wrong_type", "must be a string")
	case utf8.RuneCountInString(s) > max:
		r.Fail(name, "too_long", fmt.Sprintf("must have at most %d characters", max))
	case strings.ContainsFunc(s, unicode.IsControl):
		r.Fail(name, "control_character", "must not contain control characters")
	default:
		return s
	}
	return ""
}

// Decimal returns the literal of a JSON number, or of a string that holds one.
func (r *Reader) Decimal(name string) (literal string, given bool) {
	switch v := r.Take(name).(type) {
	case nil:
	case json.Number:
		return v.String(), true
	case string:
		return v, true
	default:
		r.Fail(name, "wrong_type", "must be a number, or a string that holds one")
	}
	return "", false
}

// Flag returns a boolean; false if absent.
func (r *Reader) Flag(name string) bool {
	v := r.Take(name)
	b, ok := v.(bool)
	if v != nil && !ok {
		r.Fail(name, "wrong_type", "must be true or false")
	}
	return b
}

// OneOf returns a text that is one of values; the first is the default of an absent one.
func (r *Reader) OneOf(name string, values ...string) string {
	s := r.Text(name, 16)
	if s == "" {
		return values[0]
	}
	if !slices.Contains(values, s) {
		r.Fail(name, "unknown_value", "must be one of "+strings.Trim(strings.Join(values, ", "), ", "))
	}
	return s
}

// ValueError is a fault of a value with a code of its own.
type ValueError struct{ Code, Message string }

// Error implements error.
func (e ValueError) Error() string { return e.Message }

// Matching returns a text that parse accepts. The code of a refused one is that of
// parse's ValueError, else the given code.
func Matching[T ~string](r *Reader, name, code string, parse func(string) (T, error)) T {
	s := r.Text(name, 64)
	if s == "" {
		return ""
	}
	v, err := parse(s)
	if own, ok := errors.AsType[ValueError](err); ok {
		code = own.Code
	}
	if err != nil {
		r.Fail(name, code, err.Error())
	}
	return v
}

// Given reports whether a field is present, and neither null nor empty.
func (r *Reader) Given(name string) bool {
	v := r.fields[name]
	return v != nil && v != ""
}

// Require records each of the fields that is absent. Call it after the fields were read.
func (r *Reader) Require(names ...string) {
	for _, name := range names {
		if !r.Given(name) {
			r.Fail(name, "required", "is required")
		}
	}
}

// Finish refuses fields that nothing read: they are typing errors.
func (r *Reader) Finish() {
	names := make([]string, 0, len(r.fields))
	for name := range r.fields {
		if !slices.Contains(r.known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.Fail(clip(name), "unknown_field", "there is no such field")
	}
}

// Err returns all recorded faults as one *Error; nil when there are none.
func (r *Reader) Err() error { return problem.InvalidRequest(*r.errs) }

// clip shortens a name that the caller made up, so that an answer may repeat it.
func clip(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
