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

// Text returns one line of at most maxRunes characters, without characters that control how
// text is shown; empty if the field is absent or faulty.
func (r *Reader) Text(name string, maxRunes int) string { return r.text(name, maxRunes, "") }

// Lines returns a text like Text that may also hold line breaks and tabs.
func (r *Reader) Lines(name string, maxRunes int) string { return r.text(name, maxRunes, "\n\r\t") }

func (r *Reader) text(name string, maxRunes int, allowed string) string {
	v := r.Take(name)
	s, ok := v.(string)
	switch {
	case v == nil:
		return ""
	case !ok:
		r.Fail(name, "wrong_type", "must be a string")
	case utf8.RuneCountInString(s) > maxRunes:
		r.Fail(name, "too_long", fmt.Sprintf("must have at most %d characters", maxRunes))
	default:
		position, c, found := controlCharacter(s, allowed)
		if !found {
			return s
		}
		r.Fail(name, "control_character",
			fmt.Sprintf("must not contain %U, a control character, at position %d", c, position))
	}
	return ""
}

// controlCharacter returns the first character of s that controls how text is shown, and its
// position in characters, from 1. The second range holds those that override the direction of
// text (Unicode Standard Annex 9): with them a name can look like another one.
func controlCharacter(s, allowed string) (position int, c rune, found bool) {
	for _, c := range s {
		position++
		override := (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069')
		if (unicode.IsControl(c) || override) && !strings.ContainsRune(allowed, c) {
			return position, c, true
		}
	}
	return 0, 0, false
}

// Decimal returns the literal of a JSON number without its exponent, or the content of a
// string; given is false if the field is absent or of another type. The caller parses the
// literal.
func (r *Reader) Decimal(name string) (literal string, given bool) {
	switch v := r.Take(name).(type) {
	case nil:
	case json.Number:
		return withoutExponent(v.String()), true
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

// OneOf returns a string that is one of values, at most 32 characters each. The first
// value is the default of an absent field; an empty one stands for no value.
func (r *Reader) OneOf(name string, values ...string) string {
	const maxRunes = 32
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
