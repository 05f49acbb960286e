package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/queue"
	"github.com/invochain/invochain/shared/saga/step"
)

type issuer interface {
	Issue(ctx context.Context, key idempotency.Key, req domain.Request) (invoice.Answer, error)
	Accept(ctx context.Context, key idempotency.Key, req domain.Request, body []byte) (invoice.Answer, error)
}

type handler struct {
	issuer   issuer
	consumer queue.Consumer
	now      func() time.Time
	log      *slog.Logger
}

// event is what comes through either door.
type event struct {
	lambdaevents.APIGatewayProxyRequest
	lambdaevents.SQSEvent
}

// handle tells by its shape through which door an event comes.
func (h handler) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, step.Failure(fmt.Errorf("read the event: %w", err))
	}
	if e.Records != nil {
		return h.consumer.Handle(ctx, e.SQSEvent, h.message), nil
	}
	return h.router().Serve(ctx, e.APIGatewayProxyRequest)
}
