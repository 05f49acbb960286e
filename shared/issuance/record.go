package issuance

import (
	"context"
	"errors"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// recordClaim counts what a key's claim found, and the saga that it opened.
func recordClaim(ctx context.Context, o saga.BeginResult, err error) {
	telemetry.Add(ctx, metric.IdempotencyRequests, 1, found(o, err))
	if err == nil && o.Fresh {
		telemetry.Add(ctx, metric.SagaStarted, 1)
	}
}

func found(o saga.BeginResult, err error) string {
	switch {
	case err != nil:
		return "error"
	case o.Status == idempotency.Acquired && o.Claim.Resumed:
		return "resumed"
	case o.Status == idempotency.Acquired:
		return "won"
	case o.Status == idempotency.Replay && o.Waited:
		return "shared"
	case o.Status == idempotency.Replay:
		return "replayed"
	case o.Status == idempotency.Mismatch:
		return "mismatch"
	case o.Status == idempotency.InProgress:
		return "busy"
	default:
		return "undoing"
	}
}

// recorded is a step that is timed.
func recorded(name string, do func(context.Context, []saga.StepAttempt) error) func(context.Context, []saga.StepAttempt) error {
	return func(ctx context.Context, before []saga.StepAttempt) error {
		ctx, end := telemetry.Step(ctx, name)
		err := do(ctx, before)
		end(saga.OutcomeOf(err))
		return err
	}
}

// recordRefusal counts a reservation that did not succeed, by why.
func recordRefusal(ctx context.Context, err error) {
	if err != nil {
		telemetry.Add(ctx, metric.ReservationFailures, 1, whyNot(err))
	}
}

func whyNot(err error) string {
	if _, open := errors.AsType[*breaker.OpenError](err); open {
		return "breaker_open"
	}
	var known *problem.Error
	switch {
	case errors.As(err, &known) && known.Code == "out_of_stock":
		return "out_of_stock"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "error"
	}
}
