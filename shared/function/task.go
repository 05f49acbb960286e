package function

import (
	"context"
	"log/slog"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
)

// done is a task's result, for the execution's history.
type done struct {
	Outcome string `json:"outcome"`
}

// Task does what a state of a state machine is for. It returns its outcome.
type Task func(context.Context, saga.Input) (outcome string, err error)

// Compensation serves one compensation of the state machine, such as step.Release. The error of do
// is translated by Failure.
func Compensation(log *slog.Logger, name string, do Task) Dispatch {
	return serve(log, name, telemetry.Compensation, do)
}

// Cancellation serves one step of the state machine that cancels, such as step.Void. The error of do
// is translated by Failure.
func Cancellation(log *slog.Logger, name string, do Task) Dispatch {
	begin := func(ctx context.Context, name string) (context.Context, func(error)) {
		ctx, end := telemetry.Step(ctx, name)
		return ctx, func(err error) { end(saga.OutcomeOf(err)) }
	}
	return serve(log, name, begin, do)
}

// serve records a task, from begin to the end that it returns.
func serve(
	log *slog.Logger, name string, begin func(context.Context, string) (context.Context, func(error)), do Task,
) Dispatch {
	return Dispatch{Invoke: Input(func(ctx context.Context, in saga.Input) (any, error) {
		telemetry.Saga(ctx, in.SagaID, in.MerchantID)
		ctx, end := begin(ctx, name)
		outcome, err := do(ctx, in)
		end(err)
		id, step := slog.String(telemetry.SagaID, in.SagaID), slog.String("step", name)
		if err != nil {
			log.ErrorContext(ctx, "step failed", id, step, slog.String("error", err.Error()))
			return nil, Failure(err)
		}
		log.InfoContext(ctx, "step done", id, step, slog.String("outcome", outcome))
		return done{Outcome: outcome}, nil
	})}
}
