package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
)

type store interface {
	Reserve(ctx context.Context, r inventory.Reservation) error
	Confirm(ctx context.Context, sagaID string) error
	SetOnHand(ctx context.Context, merchantID, sku string, n money.Quantity) (inventory.Level, error)
	Get(ctx context.Context, merchantID, sku string) (inventory.Level, error)
}

type handler struct {
	store    store
	consumer queue.Consumer
	patience time.Duration // of one reservation: less than its saga's
	now      func() time.Time
	log      *slog.Logger
}

// handle tells by its shape where an event comes from: API Gateway, the queue of
// invoiced reservations, or a saga.
func (h handler) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var shape struct {
		HTTPMethod string            `json:"httpMethod"`
		Records    []json.RawMessage `json:"Records"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, function.Failure(fmt.Errorf("read the event: %w", err))
	}
	switch {
	case shape.HTTPMethod != "":
		var e lambdaevents.APIGatewayProxyRequest
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, function.Failure(fmt.Errorf("read the request: %w", err))
		}
		return h.router().Serve(ctx, e)
	case shape.Records != nil:
		var e lambdaevents.SQSEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, function.Failure(fmt.Errorf("read the batch: %w", err))
		}
		return h.consumer.Handle(ctx, e, h.confirm), nil
	default:
		return h.reserve(ctx, raw)
	}
}
