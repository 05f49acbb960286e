package operations

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/chain"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// SQS is the subset of the SQS client that System uses.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessageBatch(
		context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options),
	) (*sqs.SendMessageBatchOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	DeleteMessageBatch(
		context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options),
	) (*sqs.DeleteMessageBatchOutput, error)
	GetQueueAttributes(
		context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options),
	) (*sqs.GetQueueAttributesOutput, error)
	ChangeMessageVisibilityBatch(
		context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Queue is a dead letter queue with its source, by URL. Source is empty for failed
// compensations, which are redriven as sagas, and for events that the bus could not deliver.
type Queue struct {
	Name, Source, DLQ string
}

// Names of the dead letter queues without a source.
const (
	compensation = "compensation"
	undelivered  = "undelivered"
)

func (q Queue) isCompensation() bool { return q.Name == compensation }

// System is a running system as an operator handles it.
type System struct {
	Sagas interface {
		Load(ctx context.Context, sagaID string) (saga.Record, error)
		OfKey(ctx context.Context, key idempotency.Key, limit int) ([]saga.Record, error)
		Redrive(ctx context.Context, r saga.Record) (saga.Record, error)
		Request(ctx context.Context, id string) (saga.Request, error)
		Stuck(ctx context.Context, limit int) ([]saga.Record, error)
	}
	Compensator interface {
		Start(ctx context.Context, r saga.Record) error
	}
	SQS    SQS
	Queues []Queue
	// OnDropped, if set, is called with the body of a dead letter before Drop deletes it. Its
	// error keeps the message. It may be called for a message more than once.
	OnDropped func(ctx context.Context, queue, body string) error

	// Acts records administrative acts in the audit log.
	Acts interface {
		Record(ctx context.Context, act events.Act) error
	}

	Breaker  *breaker.Breaker // of the inventory
	Limits   *limit.Store
	Invoices *invoice.Store
	Stock    inventory.Backfill
	Audit    *audit.Log
	Chains   chain.Migration
	Locks    *lock.Store
	Now      func() time.Time

	Callers        *caller.Store
	Lambda         Lambda
	RotateFunction string // rotate-keys

	Merchants *merchant.Store
	db        dynamodb.ScanAPIClient
}

// Open returns the system that vars names (package deployment).
func Open(cfg aws.Config, vars *env.Reader, now func() time.Time) (*System, error) {
	db := dynamodb.NewFromConfig(cfg)
	platform := vars.Required(deployment.PlatformTable)
	sagas := saga.Open(db, saga.Config{
		Table: platform, DueShards: vars.PositiveInt(deployment.DueShards, 0),
	}, now)
	invoices := invoice.NewStore(db, vars.Required(deployment.InvoicesTable))
	audits := vars.Required(deployment.AuditTable)
	log := audit.New(db, audit.Config{Table: audits, Now: now})
	queues := sqs.NewFromConfig(cfg)
	acts := queue.NewBatchProducer(queues, queue.Producer{URL: vars.Required(deployment.AuditQueue)})
	s := &System{
		Sagas:     sagas,
		OnDropped: refuseDropped(sagas),
		Merchants: merchant.NewStore(db, platform, now),
		db:        db,
		Compensator: saga.StepFunctions{
			Client:          sfn.NewFromConfig(cfg),
			CompensationARN: vars.Required(deployment.CompensationARN),
			CancellationARN: vars.Required(deployment.CancellationARN),
			Sagas:           sagas,
		},
		Acts: caller.Acts{
			Queue: acts, Now: now, Log: slog.New(slog.DiscardHandler), // the program prints what it does
		},
		SQS:      queues,
		Queues:   queuesFromEnv(vars),
		Breaker:  breaker.New(db, breaker.Config{Table: platform, Name: "inventory"}, now),
		Limits:   limit.NewStore(db, vars.Required(deployment.LimitsTable), now),
		Invoices: invoices,
		Audit:    log,
		Chains: chain.Migration{
			DB: db, Table: audits, Log: log, DateOf: dateOf(invoices), Now: now,
		},
		Stock: inventory.Backfill{DB: db, Table: vars.Required(deployment.InventoryTable)},
		Locks: lock.New(db, lock.Config{Table: platform}, now),
		Now:   now,

		Callers:        caller.NewStore(db, vars.Required(deployment.KeysTable), now),
		Lambda:         lambda.NewFromConfig(cfg),
		RotateFunction: vars.Required(deployment.RotateFunction),
	}
	return s, vars.Err()
}

// dateOf returns a function that returns the date of an invoice; empty if there is no such invoice.
func dateOf(invoices *invoice.Store) func(context.Context, string) (gst.Date, error) {
	return func(ctx context.Context, id string) (gst.Date, error) {
		inv, err := invoices.Load(ctx, id)
		if known, ok := errors.AsType[*problem.Error](err); ok && known.Kind == problem.NotFound {
			return "", nil
		}
		return inv.InvoiceDate, err
	}
}

func queuesFromEnv(vars *env.Reader) []Queue {
	var list []Queue
	for _, d := range deployment.Queues() {
		q := Queue{Name: d.Name, DLQ: vars.Required(d.DLQ)}
		if d.URL != "" {
			q.Source = vars.Required(d.URL)
		}
		list = append(list, q)
	}
	return list
}
