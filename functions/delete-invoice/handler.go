package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/telemetry"
)

type (
	sagas interface {
		CompensatingCheck(sagaID string) (*types.ConditionCheck, error)
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
	telemetry.Saga(ctx, in.SagaID, in.MerchantID)
	ctx, end := telemetry.Compensation(ctx, step.Delete)
	outcome, err := h.delete(ctx, in.SagaID)
	end(err)
	if err != nil {
		h.log.ErrorContext(ctx, "delete invoice failed", slog.String(telemetry.SagaID, in.SagaID), slog.String("error", err.Error()))
		return result{}, function.Failure(err)
	}
	h.log.InfoContext(ctx, "delete invoice", slog.String(telemetry.SagaID, in.SagaID), slog.String("outcome", outcome))
	return result{Outcome: outcome}, nil
}

func (h handler) delete(ctx context.Context, sagaID string) (string, error) {
	held, err := h.sagas.CompensatingCheck(sagaID)
	if err != nil {
		return "", err
	}
	return h.invoices.Delete(ctx, sagaID, held)
}
