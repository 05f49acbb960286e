// Package env reads a process's environment once and reports everything that
// is missing or malformed together, so that a broken deployment is mended in
// one round instead of a variable at a time.
package env

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Reader collects variables and the complaints about them.
type Reader struct {
	lookup func(string) string
	errs   []error
}

// New reads through lookup, which is os.Getenv in every main.
func New(lookup func(string) string) *Reader { return &Reader{lookup: lookup} }

// Required returns the variable's value, and notes it when empty.
func (r *Reader) Required(name string) string {
	v := r.lookup(name)
	if v == "" {
		r.errs = append(r.errs, fmt.Errorf("%s is not set", name))
	}
	return v
}

// Optional returns the variable's value, or fallback when it is empty.
func (r *Reader) Optional(name, fallback string) string {
	if v := r.lookup(name); v != "" {
		return v
	}
	return fallback
}

// Duration returns a variable such as `5s`, or fallback when it is empty.
func (r *Reader) Duration(name string, fallback time.Duration) time.Duration {
	v := r.lookup(name)
	if v == "" {
		return fallback
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		r.errs = append(r.errs, fmt.Errorf("%s is not a positive duration such as 5s: %q", name, v))
		return fallback
	}
	return d
}

// Fraction returns a variable that is a number from 0 to 1, or fallback when it is empty.
func (r *Reader) Fraction(name string, fallback float64) float64 {
	v := r.lookup(name)
	if v == "" {
		return fallback
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		r.errs = append(r.errs, fmt.Errorf("%s is not a number from 0 to 1: %q", name, v))
		return fallback
	}
	return f
}

// Milliseconds returns a variable such as `5000`, or fallback when it is empty.
func (r *Reader) Milliseconds(name string, fallback time.Duration) time.Duration {
	return time.Duration(r.PositiveInt(name, int(fallback.Milliseconds()))) * time.Millisecond
}

// PositiveInt returns a variable that is a whole number from 1 to a million, or fallback
// when it is empty.
func (r *Reader) PositiveInt(name string, fallback int) int {
	v := r.lookup(name)
	if v == "" {
		return fallback
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1e6 {
		r.errs = append(r.errs, fmt.Errorf("%s is not a whole number from 1 to 1000000: %q", name, v))
		return fallback
	}
	return n
}

// Err joins every complaint so far; nil when there is none.
func (r *Reader) Err() error { return errors.Join(r.errs...) }
