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
	// Do runs the step, told what ran before it. A refusal (see Refuse) promises
	// that nothing was left behind, now or later; any other error means that
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

// Refuse marks err as an answer: the step did nothing, and will not do it later.
func Refuse(err error) error { return refusal{err} }

// IsRefusal tells whether err was marked by Refuse.
func IsRefusal(err error) bool {
	var r refusal
	return errors.As(err, &r)
}

// Run does the steps in order and stops at the first error. A step whose result
// is unknown counts as done: its compensation is owed.
func Run(ctx context.Context, now func() time.Time, attempt int, steps []Step) (RunResult, error) {
	var t RunResult
	for _, s := range steps {
		began := now()
		err := s.Do(ctx, t.Steps)
		t.Steps = append(t.Steps, StepAttempt{
			Name: s.Name, Attempt: attempt, StartedAt: began.UnixMilli(),
			DurationMS: now().Sub(began).Milliseconds(), Outcome: OutcomeOf(err), Error: code(err),
		})
		if s.Undo != "" && !IsRefusal(err) {
			t.Pending = slices.Insert(t.Pending, 0, s.Undo)
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// OutcomeOf tells a step that went well from one that was refused, and from one of which
// nobody knows what it left behind.
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

// code keeps internal text out of a timeline that callers read.
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
