package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
)

type issuer interface {
	Issue(ctx context.Context, key idempotency.Key, req gst.Request) (issuance.Result, error)
	Accept(ctx context.Context, key idempotency.Key, req gst.Request, body []byte) (issuance.Result, error)
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
		return nil, function.Failure(fmt.Errorf("read the event: %w", err))
	}
	if e.Records != nil {
		return h.consumer.Handle(ctx, e.SQSEvent, h.message), nil
	}
	return h.router().Serve(ctx, e.APIGatewayProxyRequest)
}
