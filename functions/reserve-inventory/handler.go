package main

import (
	"context"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
)

type (
	store interface {
		Reserve(ctx context.Context, r inventory.Reservation) error
		Count(ctx context.Context, c inventory.Count) (inventory.Level, error)
		Move(ctx context.Context, m inventory.Movement) (inventory.Level, error)
		Get(ctx context.Context, t caller.Tenant, sku string) (inventory.Level, error)
		List(ctx context.Context, t caller.Tenant, cursor string, limit int) ([]inventory.Level, string, error)
	}
	// merchants finds a merchant. Only the API routes ask it: a saga's merchant is known.
	merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
	}
)

type handler struct {
	store     store
	confirms  *batch.Batcher[string, struct{}] // confirms sagas by their ids
	merchants merchants
	consumer  queue.Consumer
	guard     httpapi.Middleware
	timeout   time.Duration // of one reservation: shorter than its saga's
	now       func() time.Time
	log       *slog.Logger
}

// dispatch serves the API routes of stock, the queue of issued invoices, and sagas.
func (h handler) dispatch() function.Dispatch {
	return function.Dispatch{HTTP: h.router().Handler(), Queue: h.batch, Invoke: function.Input(h.reserve)}
}

// batch marks the reservations of a batch of invoice.created events as sold.
func (h handler) batch(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	return h.consumer.Handle(ctx, e, h.confirm), nil
}
