package main

import (
	"context"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

type issuer interface {
	Issue(ctx context.Context, by issuance.Actor, key idempotency.Key, req gst.Request) (issuance.Result, error)
	Accept(
		ctx context.Context, by issuance.Actor, key idempotency.Key, req gst.Request, body []byte,
	) (issuance.Result, error)
	Cancel(
		ctx context.Context, by issuance.Actor, key idempotency.Key, owner caller.Tenant, req gst.CancelRequest,
	) (issuance.Result, error)
}

// requests records what becomes of the requests that were accepted for the queue.
type requests interface {
	Retry(ctx context.Context, m saga.Message, code string, next time.Time) error
	DeadLetter(ctx context.Context, m saga.Message, code string) error
	RefuseRequest(ctx context.Context, m saga.Message, e *problem.Error) error
}

// producer sends messages to the publish queue.
type producer interface {
	Send(ctx context.Context, merchantID string, m any) error
}

type handler struct {
	issuer   issuer
	requests requests
	publish  producer
	consumer queue.Consumer
	guard    httpapi.Middleware
	now      func() time.Time
	log      *slog.Logger
}

// batch issues the invoices of a batch of invoice-requests.
func (h handler) batch(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	h.consumer.OnExhausted = h.deadLettered
	return h.consumer.Handle(ctx, e, h.message), nil
}
