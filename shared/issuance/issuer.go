package issuance

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
)

// Services that the issuer calls besides its own tables.
type (
	// Merchants finds a seller's profile. Get may return what was remembered of an earlier
	// read; Read returns the profile in force. Error: problem.NotFound. MarkInUse returns
	// the item of an invoice's transaction that fixes the profile's GSTIN.
	Merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
		Read(ctx context.Context, id string) (merchant.Profile, error)
		MarkInUse(id string, gstin gst.GSTIN) (types.TransactWriteItem, error)
	}
	// Inventory reserves the stock that a saga's request takes out, or puts back if its Restock
	// is set. An error marked by saga.Refuse is final: a copy of the call that arrives later
	// reserves nothing. After any other error the stock may be reserved.
	Inventory interface {
		Reserve(ctx context.Context, sagaID string, req gst.Request) error
	}
	// Breaker guards the calls to the inventory. State only reads; Acquire decides by what
	// State returned, with a *breaker.OpenError when no call may be made. Refusal returns that error
	// if the breaker was seen open and still is.
	Breaker interface {
		Refusal(ctx context.Context) error
		State(ctx context.Context) breaker.Snapshot
		Acquire(ctx context.Context, seen breaker.Snapshot) (*breaker.Permit, error)
	}
	// Compensator starts the execution of a saga that is to be compensated, or whose invoice is to
	// be cancelled; starting it twice is harmless.
	Compensator interface {
		Start(ctx context.Context, r saga.Record) error
	}
	// Queue sends messages. A message may arrive twice, or although Send failed. A merchant
	// with many messages does not delay those of others.
	Queue interface {
		Send(ctx context.Context, merchantID string, m any) error
	}
)

// Limits of one request's forward path.
type Limits struct {
	Request      time.Duration // from Begin to the answer; 8 s
	Inventory    time.Duration // all attempts to reserve; 5 s
	BreakerRead  time.Duration // the read of the breaker; 300 ms
	AuditSend    time.Duration // how long an answer waits for its audit request after the commit; 300 ms
	CleanUp      time.Duration // moving a failed saga to its next state; 2 s
	Compensating time.Duration // how long a duplicate waits for a compensation; 2 s
}

// DefaultLimits return an answer within 10 s.
func DefaultLimits() Limits {
	return Limits{
		Request: 8 * time.Second, Inventory: 5 * time.Second, BreakerRead: 300 * time.Millisecond,
		AuditSend: 300 * time.Millisecond, CleanUp: 2 * time.Second, Compensating: 2 * time.Second,
	}
}

// Issuer runs the forward path of the saga: Reserve Inventory, Create Invoice.
type Issuer struct {
	Sagas       *saga.Store
	Invoices    *invoice.Store
	Merchants   Merchants
	Buyers      *privacy.Store // keys of contacts
	Inventory   Inventory
	Breaker     Breaker // of the inventory
	Compensator Compensator
	Queue       Queue // of audit requests
	HandOff     Queue // of invoice requests
	Limits      Limits
	Now         func() time.Time
	Log         *slog.Logger

	series    seriesCache
	sequencer sequencer
}

// Result is what the caller of Issue gets, now and at each replay.
type Result struct {
	Status    int
	Body      []byte
	InvoiceID string
	SagaID    string
	Document  string      // type of the invoice; empty for an accepted request
	Total     money.Paise // of the invoice
	Replayed  bool
}

// Issue issues the invoice that req asks for, once for each key. by is not part of the request:
// another client of the merchant that sends it again gets the same answer. Its errors are
// *problem.Error; when Retryable is set, the same request with the same key may be sent
// again.
func (i *Issuer) Issue(ctx context.Context, by Actor, key idempotency.Key, req gst.Request) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, i.Limits.Request)
	defer cancel()
	a, err := i.prepare(ctx, key, req)
	if err != nil {
		return Result{}, err
	}
	a.by = by
	if err := a.refuseUnclaimed(ctx); err != nil {
		return Result{}, err
	}
	a.sequencer.announce(a)
	defer a.sequencer.withdraw(a)
	for {
		result, err := a.begin(ctx)
		if !errors.Is(err, saga.ErrLost) {
			return result, err
		}
		if ctx.Err() != nil {
			return Result{}, inProgress(a.begun)
		}
	}
}
