package function

import (
	"context"
	"log/slog"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
)

// compensated is a compensation's result, for the execution's history.
type compensated struct {
	Outcome string `json:"outcome"`
}

// Compensation serves one compensation of the state machine, such as step.Release. do
// returns its outcome; its error is translated by Failure.
func Compensation(
	log *slog.Logger,
	name string,
	do func(context.Context, saga.Input) (outcome string, err error),
) Dispatch {
	return Dispatch{Invoke: Input(func(ctx context.Context, in saga.Input) (any, error) {
		telemetry.Saga(ctx, in.SagaID, in.MerchantID)
		ctx, end := telemetry.Compensation(ctx, name)
		outcome, err := do(ctx, in)
		end(err)
		id, step := slog.String(telemetry.SagaID, in.SagaID), slog.String("step", name)
		if err != nil {
			log.ErrorContext(ctx, "compensation failed", id, step, slog.String("error", err.Error()))
			return nil, Failure(err)
		}
		log.InfoContext(ctx, "compensation done", id, step, slog.String("outcome", outcome))
		return compensated{Outcome: outcome}, nil
	})}
}
