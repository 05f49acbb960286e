package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns a string of at most maxRunes characters without control characters; empty
// if the field is absent or faulty.
func (r *Reader) Text(name string, maxRunes int) string {
	v := r.Take(name)
	s, ok := v.(string)
	switch {
	case v == nil:
		return ""
	case !ok:
		r.Fail(name, "wrong_type", "must be a string")
	case utf8.RuneCountInString(s) > maxRunes:
		r.Fail(name, "too_long", fmt.Sprintf("must have at most %d characters", maxRunes))
	case strings.ContainsFunc(s, unicode.IsControl):
		r.Fail(name, "control_character", "must not contain control characters")
	default:
		return s
	}
	return ""
}

// Decimal returns the literal of a JSON number, or the content of a string; given is false
// if the field is absent or of another type. The caller parses the literal.
func (r *Reader) Decimal(name string) (literal string, given bool) {
	switch v := r.Take(name).(type) {
	case nil:
	case json.Number:
		return v.String(), true
	case string:
		return v, true
	default:
		r.Fail(name, "wrong_type", "must be a number, or a string that contains one")
	}
	return "", false
}

// Flag returns a boolean; false if the field is absent or faulty.
func (r *Reader) Flag(name string) bool {
	v := r.Take(name)
	b, ok := v.(bool)
	if v != nil && !ok {
		r.Fail(name, "wrong_type", "must be true or false")
	}
	return b
}

// OneOf returns a string that is one of values, at most 16 characters each. The first
// value is the default of an absent field; an empty one stands for no value.
func (r *Reader) OneOf(name string, values ...string) string {
	const maxRunes = 16
	s := r.Text(name, maxRunes)
	if s == "" {
		return values[0]
	}
	if !slices.Contains(values, s) {
		r.Fail(name, "unknown_value", "must be one of "+strings.Trim(strings.Join(values, ", "), ", "))
	}
	return s
}

// ValueError is a parse function's error with a field code of its own.
type ValueError struct{ Code, Message string }

// Error returns the message.
func (e ValueError) Error() string { return e.Message }

// Matching returns a string of at most 64 characters that parse accepts; empty if the
// field is absent or faulty. The error of parse becomes the field's message, under the
// code of a ValueError, else under the given code.
func Matching[T ~string](r *Reader, name, code string, parse func(string) (T, error)) T {
	const maxRunes = 64
	s := r.Text(name, maxRunes)
	if s == "" {
		return ""
	}
	v, err := parse(s)
	if err == nil {
		return v
	}
	if own, ok := errors.AsType[ValueError](err); ok {
		code = own.Code
	}
	r.Fail(name, code, err.Error())
	return ""
}
