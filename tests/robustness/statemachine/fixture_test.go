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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

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
	"github.com/invochain/invochain/shared/privacy"
)

const (
	merchantID   = "merchant-1"
	pollDuration = 2 * time.Second // of the tests' clock, per poll of a key
)

// clock is the clock of all processes. Only polls and the test advance it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// message is a message in a queue.
type message struct {
	queue string
	body  any
}

// execution is an execution of the state machine. Each name starts once.
type execution struct {
	name  string
	input saga.Input
}

// fixture is one deployment: the real code of the steps on its own tables, with the
// messages, executions and invocations in flight.
type fixture struct {
	clock    *clock
	client   *dynamodb.Client
	tables   dynamotest.Names
	sagas    *saga.Store
	invoices *invoice.Store
	stock    *inventory.Store
	audit    *audit.Log
	locks    *lock.Store
	issuer   *issuance.Issuer

	compensator saga.StepFunctions

	mu       sync.Mutex
	messages []message
	pending  []execution
	started  map[string]bool
	reserves []inventory.Reservation // lost invocations, which arrive late
	events   map[string]bool         // ids of events on the bus
	dead     []message               // dead letters
}

func newFixture(t *testing.T, client *dynamodb.Client) *fixture {
	t.Helper()
	f := &fixture{
		clock:  &clock{at: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)},
		client: client, tables: dynamotest.Tables(t, client),
		started: map[string]bool{}, events: map[string]bool{},
	}
	db, now := faultyClient{client}, f.clock.now
	keys := idempotency.New(pollingClient{db, f.clock}, idempotency.Config{Table: f.tables.Platform}, now)
	f.sagas = saga.NewStore(db, keys, saga.Config{Table: f.tables.Platform}, now)
	f.invoices = invoice.NewStore(db, f.tables.Invoices)
	f.stock = inventory.New(client, inventory.Config{Table: f.tables.Inventory}, now)
	f.audit = audit.New(db, audit.Config{Table: f.tables.Audit, Now: f.clock.now})
	f.locks = lock.New(client, lock.Config{Table: f.tables.Platform}, now)
	f.compensator = saga.StepFunctions{Client: f, CompensationARN: "compensate", CancellationARN: "cancel", Sagas: f.sagas}
	f.issuer = f.newIssuer()
	return f
}

// newIssuer returns the issuer of another process.
func (f *fixture) newIssuer() *issuance.Issuer {
	now := f.clock.now
	limits := issuance.DefaultLimits()
	limits.Request = 5 * time.Second // a duplicate waits for 4 s, which is two polls
	return &issuance.Issuer{
		Sagas: f.sagas, Invoices: f.invoices, Merchants: f, Inventory: f, Compensator: f.compensator,
		Breaker: breaker.New(f.client, breaker.Config{Table: f.tables.Platform, Name: "inventory"}, now),
		Queue:   outbox{f, "audit"}, HandOff: outbox{f, "requests"},
		Buyers: privacy.NewStore(faultyClient{f.client}, f.tables.Keys, now),
		Limits: limits, Now: now, Log: slog.New(slog.DiscardHandler),
	}
}

// deleteTables frees the memory of DynamoDB Local.
func (f *fixture) deleteTables(ctx context.Context) {
	for _, table := range []string{f.tables.Platform, f.tables.Invoices, f.tables.Inventory, f.tables.Audit} {
		_, _ = f.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
	}
}

// Get returns the only merchant.
func (f *fixture) Get(context.Context, string) (merchant.Profile, error) {
	return merchant.Profile{ID: merchantID, GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise, InUse: true}, nil
}

// Read returns the only merchant.
func (f *fixture) Read(ctx context.Context, id string) (merchant.Profile, error) {
	return f.Get(ctx, id)
}

// MarkInUse is not called for a merchant that is in use.
func (f *fixture) MarkInUse(string, gst.GSTIN) (types.TransactWriteItem, error) {
	return types.TransactWriteItem{}, errors.New("the merchant is in use")
}

// Reserve invokes reserve-inventory. It counts as a write of the caller. A lost invocation
// arrives later.
func (f *fixture) Reserve(ctx context.Context, sagaID string, req gst.Request) error {
	r := inventory.Reservation{
		SagaID: sagaID, MerchantID: req.SellerMerchantID, Lines: req.StockLines(), Returns: req.Restock,
	}
	invoked := false
	_, err := inject(ctx, func(ctx context.Context) (*struct{}, error) {
		invoked = true
		err := f.stock.Reserve(ctx, r)
		if refused, ok := errors.AsType[*inventory.RefusedError](err); ok {
			return nil, saga.Refuse(refused.Unwrap())
		}
		return nil, err
	})
	if !invoked {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reserves = append(f.reserves, r)
	}
	return err
}

// outbox sends to one queue. A message may be lost by its run's fault.
type outbox struct {
	*fixture
	queue string
}

func (o outbox) Send(ctx context.Context, _ string, m any) error {
	if f, _ := ctx.Value(faultKey{}).(*fault); f != nil && (f.how == messageLost || f.died()) {
		return dynamotest.ErrLost
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.messages = append(o.messages, message{o.queue, m})
	return nil
}

// StartExecution starts an execution of the state machine.
func (f *fixture) StartExecution(
	ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options),
) (*sfn.StartExecutionOutput, error) {
	return inject(ctx, func(context.Context) (*sfn.StartExecutionOutput, error) {
		e := execution{name: *in.Name}
		if err := json.Unmarshal([]byte(*in.Input), &e.input); err != nil {
			return nil, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.started[e.name] {
			return nil, &sfntypes.ExecutionAlreadyExists{}
		}
		f.started[e.name] = true
		f.pending = append(f.pending, e)
		return &sfn.StartExecutionOutput{}, nil
	})
}
