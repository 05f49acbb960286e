// Package problem defines the one error type whose text callers may read. It carries
// what an RFC 9457 problem document needs; package httpapi renders it.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies a failure by what it means to the caller. Each edge translates it
// once: to an HTTP status, a batch item failure or a Step Functions error name.
type Kind int

const (
	// Internal is a fault of the service; its text never leaves the process.
	Internal Kind = iota
	// Invalid means that the same request can never succeed.
	Invalid
	// NotFound means that the item does not exist in the caller's scope.
	NotFound
	// Conflict means that the request is well formed but the current state refuses it.
	Conflict
	// Unavailable means that a dependency does not respond; a retry is safe.
	Unavailable
)

// FieldError names one offending field of a request, as a path into its JSON:
// `items[3].quantity`.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is a failure whose Code, Message and Fields a caller may read. Its JSON form
// travels between functions; callers get a problem document instead.
type Error struct {
	Kind    Kind         `json:"kind"`
	Code    string       `json:"code"`    // stable, snake_case: `out_of_stock`
	Message string       `json:"message"` // for people; holds no internal text
	Status  int          `json:"status"`  // HTTP status where Kind alone does not fix it; 0 otherwise
	Fields  []FieldError `json:"fields"`
	// Extensions are further members of the problem document (RFC 9457 s.3.2), such as
	// the findings of a compliance check.
	Extensions map[string]any `json:"extensions,omitempty"`
	// Retryable: the same request with the same key may succeed later.
	Retryable bool `json:"retryable"`
	// RetryAfter is the advised wait before a retry; 0 when unknown.
	RetryAfter time.Duration `json:"retry_after"`
	// SagaID is the saga that the failure belongs to, if one was opened.
	SagaID string `json:"saga_id"`
	// Cause is the internal error, for logs only.
	Cause error `json:"-"`
}

// Error implements error. Its text includes the cause: it is for logs, not for callers.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the internal cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches by code, so that errors.Is(err, &Error{Code: "out_of_stock"}) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// KindOf returns the kind of the Error in err's chain; Internal for any other error.
func KindOf(err error) Kind {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Kind
	}
	return Internal
}

// IsCallerFault reports whether err refuses the request itself, as opposed to a fault
// of the service or of a dependency.
func IsCallerFault(err error) bool {
	switch KindOf(err) {
	case Invalid, NotFound, Conflict:
		return true
	default:
		return false
	}
}
