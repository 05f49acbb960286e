package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
)

const (
	merchantID = "merchant-1"
	aLook      = 2 * time.Second
)

// clock is everybody's. It stands still, but for those who wait and for the tests.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// message waits in a queue until its consumer takes it.
type message struct {
	queue string
	body  any
}

// execution of the state machine, once for each name.
type execution struct {
	name  string
	input saga.Input
}

// world is one deployment: the real code of the steps over tables of its own, and the
// queues, executions and calls that are on their way.
type world struct {
	clock    *clock
	client   *dynamodb.Client
	tables   dynamotest.Names
	sagas    *saga.Store
	invoices *invoice.Store
	stock    *inventory.Store
	audit    *audit.Log
	locks    *lock.Store
	issuer   *issuance.Issuer
	undoer   saga.StepFunctions

	mu       sync.Mutex
	messages []message
	pending  []execution
	started  map[string]bool
	reserves []inventory.Reservation // calls that their callers gave up, to arrive late
	events   map[string]bool         // ids on the bus
	dead     []message               // letters
}

func newWorld(t *testing.T, client *dynamodb.Client) *world {
	t.Helper()
	w := &world{
		clock: &clock{at: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}, client: client, tables: dynamotest.Tables(t, client),
		started: map[string]bool{}, events: map[string]bool{},
	}
	db, now := wire{client}, w.clock.now
	keys := idempotency.New(waiting{db, w.clock}, idempotency.Config{Table: w.tables.Platform}, now)
	w.sagas = saga.NewStore(db, keys, saga.Config{Table: w.tables.Platform}, now)
	w.invoices = invoice.NewStore(db, w.tables.Invoices)
	w.stock = inventory.New(client, inventory.Config{Table: w.tables.Inventory}, now)
	w.audit = audit.New(db, audit.Config{Table: w.tables.Audit})
	w.locks = lock.New(client, lock.Config{Table: w.tables.Platform}, now)
	w.undoer = saga.StepFunctions{Client: w, MachineARN: "compensate"}
	limits := issuance.DefaultLimits()
	limits.Request = 5 * time.Second // a duplicate waits for 4 s, which are two looks
	w.issuer = &issuance.Issuer{
		Sagas: w.sagas, Invoices: w.invoices, Merchants: w, Inventory: w, Compensator: w.undoer,
		Breaker: breaker.New(client, breaker.Config{Table: w.tables.Platform, Name: "inventory"}, now),
		Queue:   outbox{w, "audit"}, HandOff: outbox{w, "requests"},
		Limits: limits, Now: now, Log: slog.New(slog.DiscardHandler),
	}
	return w
}

// drop deletes the tables: the server keeps them in memory.
func (w *world) drop(ctx context.Context) {
	for _, table := range []string{w.tables.Platform, w.tables.Invoices, w.tables.Inventory, w.tables.Audit} {
		_, _ = w.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
	}
}

// Get is the one merchant.
func (w *world) Get(context.Context, string) (merchant.Profile, error) {
	return merchant.Profile{ID: merchantID, GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}, nil
}

// Reserve is the call of the function reserve-inventory. It counts as a write of the
// caller's. A call that is lost arrives later all the same.
func (w *world) Reserve(ctx context.Context, sagaID, merchantID string, lines []gst.StockLine) error {
	r := inventory.Reservation{SagaID: sagaID, MerchantID: merchantID, Lines: lines}
	invoked := false
	_, err := disturb(ctx, func(ctx context.Context) (*struct{}, error) {
		invoked = true
		err := w.stock.Reserve(ctx, r)
		if refused, ok := errors.AsType[*inventory.RefusedError](err); ok {
			return nil, saga.Refuse(refused.Unwrap())
		}
		return nil, err
	})
	if !invoked {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reserves = append(w.reserves, r)
	}
	return err
}

// outbox is one queue's sending end. What is sent may be lost with its run.
type outbox struct {
	*world
	queue string
}

func (o outbox) Send(ctx context.Context, m any) error {
	if f, _ := ctx.Value(faultKey{}).(*fault); f != nil && (f.how == messageLost || f.died()) {
		return dynamotest.ErrLost
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, message{o.queue, m})
	return nil
}

// StartExecution of the state machine.
func (w *world) StartExecution(ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return disturb(ctx, func(context.Context) (*sfn.StartExecutionOutput, error) {
		e := execution{name: *in.Name}
		if err := json.Unmarshal([]byte(*in.Input), &e.input); err != nil {
			return nil, err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.started[e.name] {
			return nil, &types.ExecutionAlreadyExists{}
		}
		w.started[e.name] = true
		w.pending = append(w.pending, e)
		return &sfn.StartExecutionOutput{}, nil
	})
}
