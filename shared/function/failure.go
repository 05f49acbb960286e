package function

import (
	"errors"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/invochain/invochain/shared/problem"
)

// Names of a step's errors, as Step Functions sees them.
const (
	ErrInvalid     = "Invalid"
	ErrNotFound    = "NotFound"
	ErrConflict    = "Conflict"
	ErrUnavailable = "Unavailable"
	ErrInternal    = "Internal"
)

// Failure names err for the state machine. Step Functions matches the type of the
// outermost error, which for a wrapped one would be `wrapError`; so this is the
// last thing that a handler does to an error, and nothing may wrap it again.
func Failure(err error) error {
	if err == nil {
		return nil
	}
	return messages.InvokeResponse_Error{Type: nameOf(err), Message: err.Error()}
}

func nameOf(err error) string {
	var known *problem.Error
	if !errors.As(err, &known) {
		return ErrUnavailable
	}
	switch known.Kind {
	case problem.Invalid:
		return ErrInvalid
	case problem.NotFound:
		return ErrNotFound
	case problem.Conflict:
		return ErrConflict
	case problem.Unavailable:
		return ErrUnavailable
	default:
		return ErrInternal
	}
}
