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

// recordClaim counts the claim of a key by its outcome, and the saga that it opened.
func recordClaim(ctx context.Context, o saga.BeginResult, err error) {
	telemetry.Add(ctx, metric.IdempotencyRequests, 1, claimOutcome(o, err))
	if err == nil && o.Fresh {
		telemetry.Add(ctx, metric.SagaStarted, 1)
	}
}

func claimOutcome(o saga.BeginResult, err error) string {
	switch {
	case err != nil:
		return "error"
	case o.Status == idempotency.Acquired && o.Claim.Resumed:
		return "resumed"
	case o.Status == idempotency.Acquired:
		return "won"
	case o.Status == idempotency.Replay && o.Waited:
		return "shared"
	case o.Status == idempotency.Replay || o.Status == idempotency.Expired:
		return "replayed"
	case o.Status == idempotency.Mismatch:
		return "mismatch"
	case o.Status == idempotency.InProgress:
		return "busy"
	default:
		return "undoing"
	}
}

// timedStep returns do with each attempt recorded.
func timedStep(
	name string,
	do func(context.Context, []saga.StepAttempt) error,
) func(context.Context, []saga.StepAttempt) error {
	return func(ctx context.Context, before []saga.StepAttempt) error {
		ctx, end := telemetry.Step(ctx, name)
		err := do(ctx, before)
		end(saga.OutcomeOf(err))
		return err
	}
}

// recordReservation counts a reservation that failed, by its reason.
func recordReservation(ctx context.Context, err error) {
	if err != nil {
		telemetry.Add(ctx, metric.ReservationFailures, 1, failureReason(err))
	}
}

func failureReason(err error) string {
	if _, open := errors.AsType[*breaker.OpenError](err); open {
		return "breaker_open"
	}
	switch {
	case errors.Is(err, &problem.Error{Code: "out_of_stock"}):
		return "out_of_stock"
	case errors.Is(err, &problem.Error{Code: "not_sold"}):
		return "not_sold"
	case errors.Is(err, &problem.Error{Code: "stock_busy"}):
		return "stock_busy"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "error"
	}
}
