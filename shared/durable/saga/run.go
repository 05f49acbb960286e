package saga

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// Step is one step of a saga, as data.
type Step struct {
	Name string
	// Undo names the compensation; empty when there is nothing to undo.
	Undo string
	// Do runs the step; before holds the attempts at earlier steps. A refusal (see Refuse)
	// guarantees that nothing was left behind, now or later; after any other error
	// something may have been.
	Do func(ctx context.Context, before []StepAttempt) error
}

// RunResult is what a run of steps did.
type RunResult struct {
	Steps []StepAttempt
	// Pending are the compensations owed, last step first.
	Pending []string
}

type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// Refuse marks err as a refusal: the step left nothing behind, and will not later.
func Refuse(err error) error { return refusal{err} }

// IsRefusal reports whether err was marked by Refuse.
func IsRefusal(err error) bool {
	_, ok := errors.AsType[refusal](err)
	return ok
}

// Run runs the steps in order and stops at the first error. A step whose result is
// unknown counts as done: its compensation is owed.
func Run(ctx context.Context, now func() time.Time, attempt int, steps []Step) (RunResult, error) {
	var r RunResult
	for _, s := range steps {
		began := now()
		err := s.Do(ctx, r.Steps)
		r.Steps = append(r.Steps, StepAttempt{
			Name: s.Name, Attempt: attempt, StartedAt: began.UnixMilli(),
			DurationMS: now().Sub(began).Milliseconds(), Outcome: OutcomeOf(err), Error: code(err),
		})
		if s.Undo != "" && !IsRefusal(err) {
			r.Pending = slices.Insert(r.Pending, 0, s.Undo)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// OutcomeOf returns OK, Refused or Failed for the error of a step.
func OutcomeOf(err error) string {
	switch {
	case err == nil:
		return OK
	case IsRefusal(err):
		return Refused
	default:
		return Failed
	}
}

// code returns what the timeline, which callers read, may show of an error.
func code(err error) string {
	var known *problem.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return known.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "internal"
	}
}
