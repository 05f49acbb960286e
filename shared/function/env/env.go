// Package env reads a process's environment once, and reports every variable that is
// missing or malformed together, so that a broken deployment is fixed in one round.
package env

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Reader reads variables and collects their errors.
type Reader struct {
	lookup func(string) string
	errs   []error
}

// New returns a Reader that reads through lookup, which is os.Getenv in every main.
func New(lookup func(string) string) *Reader { return &Reader{lookup: lookup} }

// Required returns the variable's value. An empty one is an error.
func (r *Reader) Required(name string) string {
	v := r.lookup(name)
	if v == "" {
		r.errs = append(r.errs, fmt.Errorf("%s is not set", name))
	}
	return v
}

// Optional returns the variable's value, or fallback if it is empty.
func (r *Reader) Optional(name, fallback string) string { return cmp.Or(r.lookup(name), fallback) }

// Duration returns a variable such as `5s`, or fallback if it is empty.
func (r *Reader) Duration(name string, fallback time.Duration) time.Duration {
	return parse(r, name, fallback, "a positive duration such as 5s", func(v string) (time.Duration, bool) {
		d, err := time.ParseDuration(v)
		return d, err == nil && d > 0
	})
}

// Fraction returns a variable that is a number from 0 to 1, or fallback if it is empty.
func (r *Reader) Fraction(name string, fallback float64) float64 {
	return parse(r, name, fallback, "a number from 0 to 1", func(v string) (float64, bool) {
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil && f >= 0 && f <= 1
	})
}

// Milliseconds returns a variable such as `5000`, or fallback if it is empty.
func (r *Reader) Milliseconds(name string, fallback time.Duration) time.Duration {
	return time.Duration(r.PositiveInt(name, int(fallback.Milliseconds()))) * time.Millisecond
}

// PositiveInt returns a variable that is a whole number from 1 to a million, or fallback
// if it is empty.
func (r *Reader) PositiveInt(name string, fallback int) int {
	return parse(r, name, fallback, "a whole number from 1 to 1000000", func(v string) (int, bool) {
		n, err := strconv.Atoi(v)
		return n, err == nil && n >= 1 && n <= 1e6
	})
}

// parse returns the parsed value of a variable, or fallback if it is empty or malformed.
func parse[T any](r *Reader, name string, fallback T, want string, convert func(string) (T, bool)) T {
	text := r.lookup(name)
	if text == "" {
		return fallback
	}
	v, ok := convert(text)
	if !ok {
		r.errs = append(r.errs, fmt.Errorf("%s is not %s: %q", name, want, text))
		return fallback
	}
	return v
}

// Err returns all errors so far, joined; nil if there is none.
func (r *Reader) Err() error { return errors.Join(r.errs...) }
