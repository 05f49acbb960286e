package main

import (
	"context"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/durable/idempotency"
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

// batch issues the invoices of a batch of invoice-requests.
func (h handler) batch(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	return h.consumer.Handle(ctx, e, h.message), nil
}
