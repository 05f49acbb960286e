// Package problem defines the error type whose text API callers may read. An Error carries
// what an RFC 9457 problem document needs; package httpapi renders the document.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind classifies a failure by what it means to the caller. Each edge translates it
// once: to an HTTP status, a batch item failure or a Step Functions error name.
type Kind int

const (
	// Internal means a fault of the service; its text never leaves the process.
	Internal Kind = iota
	// Invalid means that the same request can never succeed.
	Invalid
	// NotFound means that the item does not exist in the caller's scope.
	NotFound
	// Conflict means that the request is well formed but the current state does not allow it.
	Conflict
	// Unavailable means that a dependency does not respond; a retry is safe.
	Unavailable
)

// FieldError describes what is wrong with one field of a request.
type FieldError struct {
	Field   string `json:"field"`   // path into the request's JSON: `items[3].quantity`
	Code    string `json:"code"`    // stable, snake_case
	Message string `json:"message"` // for people; reads on from the field's name: `must be a string`
	// SKU, Wanted and OnHand describe a line that cannot be taken out of stock, or with Sold
	// instead of OnHand one that cannot come back, in units.
	SKU    string      `json:"sku,omitempty"`
	Wanted json.Number `json:"wanted,omitempty"`
	OnHand json.Number `json:"on_hand,omitempty"`
	Sold   json.Number `json:"sold,omitempty"`
}

// Error is a failure whose Code, Message and Fields a caller may read. Functions pass it
// to each other as JSON; API callers get a problem document instead.
type Error struct {
	Kind    Kind         `json:"kind"`
	Code    string       `json:"code"`    // stable, snake_case: `out_of_stock`
	Message string       `json:"message"` // for people; contains no internal text
	Status  int          `json:"status"`  // HTTP status, where Kind alone does not determine it; else 0
	Fields  []FieldError `json:"fields"`
	// Extensions are additional members of the problem document (RFC 9457 s.3.2), such as
	// the findings of a compliance check.
	Extensions map[string]any `json:"extensions,omitempty"`
	// Retryable reports whether the same request with the same key may succeed later.
	Retryable bool `json:"retryable"`
	// RetryAfter is the advised wait before a retry; 0 when unknown.
	RetryAfter time.Duration `json:"retry_after"`
	// Header has additional headers of the answer, such as Allow.
	Header map[string]string `json:"-"`
	// SagaID is the saga that the failure belongs to; empty before one began.
	SagaID string `json:"saga_id"`
	// Cause is the internal error, for logs only.
	Cause error `json:"-"`
}

// Error returns the code, the message and the cause. It is for logs, not for callers.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the internal cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an Error of the same code, so that
// errors.Is(err, &Error{Code: "out_of_stock"}) works.
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

// IsCallerFault reports whether the request itself caused err, as opposed to a fault of
// the service or of a dependency.
func IsCallerFault(err error) bool {
	switch KindOf(err) {
	case Invalid, NotFound, Conflict:
		return true
	default:
		return false
	}
}
