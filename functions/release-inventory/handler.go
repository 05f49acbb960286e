package main

import (
	"context"
	"log/slog"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/telemetry"
)

type store interface {
	Release(ctx context.Context, sagaID, merchantID string) (string, error)
}

type handler struct {
	store store
	log   *slog.Logger
}

// result of the compensation, for the execution's history.
type result struct {
	Outcome string `json:"outcome"`
}

func (h handler) handle(ctx context.Context, in saga.Input) (result, error) {
	telemetry.Saga(ctx, in.SagaID, in.MerchantID)
	ctx, end := telemetry.Compensation(ctx, step.Release)
	outcome, err := h.store.Release(ctx, in.SagaID, in.MerchantID)
	end(err)
	if err != nil {
		h.log.ErrorContext(ctx, "release inventory failed", slog.String(telemetry.SagaID, in.SagaID), slog.String("error", err.Error()))
		return result{}, function.Failure(err)
	}
	h.log.InfoContext(ctx, "release inventory", slog.String(telemetry.SagaID, in.SagaID), slog.String("outcome", outcome))
	return result{Outcome: outcome}, nil
}
