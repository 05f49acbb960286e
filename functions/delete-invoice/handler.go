package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/saga"
	"github.com/invochain/invochain/shared/saga/step"
	"github.com/invochain/invochain/shared/telemetry"
)

type (
	sagas interface {
		Held(sagaID string) (*types.ConditionCheck, error)
	}
	invoices interface {
		Delete(ctx context.Context, sagaID string, held *types.ConditionCheck) (string, error)
	}
)

type handler struct {
	sagas    sagas
	invoices invoices
	log      *slog.Logger
}

// result of the compensation, for the execution's history.
type result struct {
	Outcome string `json:"outcome"`
}

func (h handler) handle(ctx context.Context, in saga.Input) (result, error) {
	held, err := h.sagas.Held(in.SagaID)
	if err != nil {
		return result{}, step.Failure(err)
	}
	outcome, err := h.invoices.Delete(ctx, in.SagaID, held)
	if err != nil {
		h.log.ErrorContext(ctx, "delete invoice failed", slog.String(telemetry.SagaID, in.SagaID), slog.String("error", err.Error()))
		return result{}, step.Failure(err)
	}
	h.log.InfoContext(ctx, "delete invoice", slog.String(telemetry.SagaID, in.SagaID), slog.String("outcome", outcome))
	return result{Outcome: outcome}, nil
}
