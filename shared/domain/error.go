package domain

import (
	"fmt"
	"time"
)

// Kind says what a failure means to the caller. Each edge translates it once:
// an HTTP status, a batch item failure, a Step Functions error name.
type Kind int

const (
	// Internal is a fault of ours; its text never leaves the process.
	Internal Kind = iota
	// Invalid input, of which the same request can never succeed.
	Invalid
	// NotFound means that there is no such thing in the caller's scope.
	NotFound
	// Conflict means that the request is well formed and the present state refuses it.
	Conflict
	// Unavailable means that something we need does not answer; a retry is safe.
	Unavailable
)

// FieldError names one offending field of a request, as a path into its JSON:
// `items[3].quantity`.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is a failure whose Code, Message and Fields a caller may read. Its JSON is
// for calls between functions; callers get a problem document instead.
type Error struct {
	Kind    Kind         `json:"kind"`
	Code    string       `json:"code"`    // stable, snake_case: `out_of_stock`
	Message string       `json:"message"` // for people; holds no internal text
	Status  int          `json:"status"`  // HTTP status where Kind alone does not fix it; 0 otherwise
	Fields  []FieldError `json:"fields"`
	// Findings of the compliance check that refused a strict merchant's request.
	Findings []Finding `json:"findings"`
	// Retryable: the same request with the same key may succeed later.
	Retryable bool `json:"retryable"`
	// RetryAfter is the wait that is advised before a retry; 0 when unknown.
	RetryAfter time.Duration `json:"retry_after"`
	// SagaID of the saga that the failure belongs to, if one was opened.
	SagaID string `json:"saga_id"`
	// Cause is the internal error, for logs only.
	Cause error `json:"-"`
}

// Error implements error with the cause, which is for logs, not for callers.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return e.Code + ": " + e.Message
}

// Unwrap gives the internal cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches on the code, so that errors.Is(err, &Error{Code: "out_of_stock"}) works.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
