package issuance_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/problem"
)

const merchantID = "merchant-1"

// fixture is an issuer with everything it uses, on DynamoDB Local, with a clock that tests
// move and faults that tests inject.
type fixture struct {
	db       *dynamotest.Faults
	tables   dynamotest.Names
	sagas    *saga.Store
	stock    *inventory.Store
	services *services
	issuer   *issuance.Issuer

	mu    sync.Mutex
	ahead time.Duration
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{}
	client := dynamotest.Client(t)
	f.tables = dynamotest.Tables(t, client)
	f.connect(client)
	_, err := f.stock.SetOnHand(t.Context(), merchantID, "SKU", 10_000)
	require.NoError(t, err)
	return f
}

// connect builds everything over a client.
func (f *fixture) connect(client *dynamodb.Client) {
	f.db = &dynamotest.Faults{Client: client}
	f.sagas = saga.Open(f.db, saga.Config{Table: f.tables.Platform}, f.now)
	f.stock = inventory.New(f.db.Client, inventory.Config{Table: f.tables.Inventory}, f.now)
	f.services = &services{fixture: f}
	f.services.setSeller(seller("27AABCU9603R1ZN", gst.Advise))
	f.issuer = &issuance.Issuer{
		Sagas: f.sagas, Invoices: invoice.NewStore(f.db, f.tables.Invoices),
		Breaker:   breaker.New(client, breaker.Config{Table: f.tables.Platform, Name: "inventory"}, f.now),
		Merchants: f.services, Inventory: f.services, Compensator: f.services, Queue: f.services, HandOff: f.services,
		Buyers: privacy.NewStore(f.db, f.tables.Keys, f.now),
		Limits: quick(), Now: f.now, Log: slog.New(slog.DiscardHandler),
	}
}

// client is the actor of requests whose actor does not matter.
var client = issuance.Client("cl_test") //nolint:gochecknoglobals // a constant

func (f *fixture) issue(ctx context.Context, k idempotency.Key, req gst.Request) (issuance.Result, error) {
	return f.issuer.Issue(ctx, client, k, req)
}

func (f *fixture) accept(
	ctx context.Context, k idempotency.Key, req gst.Request, body []byte,
) (issuance.Result, error) {
	return f.issuer.Accept(ctx, client, k, req, body)
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Now().Add(f.ahead) //nolint:forbidigo // the real clock, moved
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ahead += d
}

// services are the issuer's dependencies: one merchant, the real inventory, compensations
// that run at once, and queues that record their messages.
type services struct {
	*fixture
	reserve        func(ctx context.Context, do func() error) error // wraps the call; nil for none
	sent           []any
	noStateMachine bool // compensations cannot be started
	inventoryFails bool // Release Inventory fails

	remembered, inForce merchant.Profile
	readErr             error
}

// seller returns the merchant's profile with a GSTIN and a policy.
func seller(gstin gst.GSTIN, compliance string) merchant.Profile {
	return merchant.Profile{
		ID: merchantID, Name: "Brightway Stores", GSTIN: gstin, Compliance: compliance, InUse: true,
		Address: "Shop 14, Phoenix Market, Pune 411001",
	}
}

func (s *services) setSeller(p merchant.Profile) { s.remembered, s.inForce = p, p }

func (s *services) Get(context.Context, string) (merchant.Profile, error) {
	return s.remembered, nil
}

func (s *services) Read(context.Context, string) (merchant.Profile, error) {
	return s.inForce, s.readErr
}

func (s *services) MarkInUse(string, gst.GSTIN) (types.TransactWriteItem, error) {
	return types.TransactWriteItem{}, errors.New("the merchant is in use")
}

func (s *services) Reserve(ctx context.Context, sagaID string, req gst.Request) error {
	do := func() error {
		err := s.stock.Reserve(ctx, inventory.Reservation{
			SagaID: sagaID, MerchantID: req.SellerMerchantID, Lines: req.StockLines(), Returns: req.Restock,
		})
		if _, ok := errors.AsType[*inventory.RefusedError](err); ok {
			return saga.Refuse(err)
		}
		return err
	}
	if s.reserve != nil {
		return s.reserve(ctx, do)
	}
	return do()
}

func (s *services) Send(_ context.Context, _ string, m any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, m)
	return nil
}

// Start runs what a saga owes as its state machine does.
func (s *services) Start(ctx context.Context, r saga.Record) error {
	if s.noStateMachine {
		return errors.New("no state machine")
	}
	var done []saga.StepAttempt
	for _, undo := range r.Pending {
		run := saga.StepAttempt{Name: undo, Attempt: r.Redrive + 1, Outcome: saga.OK}
		if err := s.task(ctx, undo, r); err != nil {
			run.Outcome, run.Error = saga.Failed, "Unavailable"
		}
		done = append(done, run)
	}
	_, err := s.sagas.Settle(ctx, r.SagaID, r.Redrive, done)
	return err
}

func (s *services) task(ctx context.Context, name string, r saga.Record) error {
	switch name {
	case step.Release, step.Return:
		if s.inventoryFails {
			return errors.New("connection reset")
		}
		if name == step.Return {
			inv, err := s.issuer.Invoices.Load(ctx, r.InvoiceID)
			if err != nil {
				return err
			}
			back := inventory.Reservation{SagaID: r.SagaID, MerchantID: r.MerchantID, Lines: inv.StockLines()}
			_, err = s.stock.Return(ctx, back, inv.SagaID)
			return err
		}
		_, err := s.stock.Release(ctx, r.SagaID, r.MerchantID)
		return err
	case step.Void:
		cancelling, err := s.sagas.CancellingCheck(r.SagaID)
		if err != nil {
			return err
		}
		_, err = s.issuer.Invoices.Cancel(ctx, r.InvoiceID, r.SagaID, cancelling)
		return err
	}
	held, err := s.sagas.CompensatingCheck(r.SagaID)
	if err != nil {
		return err
	}
	_, err = s.issuer.Invoices.Delete(ctx, r.SagaID, held)
	return err
}

// recoverAll does what recover-sagas does, until nothing is due.
func (f *fixture) recoverAll(t *testing.T) {
	t.Helper()
	for range 20 {
		due, err := f.sagas.Due(t.Context(), 10)
		require.NoError(t, err)
		if len(due) == 0 {
			return
		}
		for _, r := range due {
			require.NoError(t, f.recoverOne(t.Context(), r))
		}
	}
	t.Fatal("sagas are still due")
}

func (f *fixture) recoverOne(ctx context.Context, r saga.Record) error {
	var err error
	switch r.State {
	case saga.Begun:
		owed := []string{step.Delete, step.Release}
		if r.Cancels {
			owed = nil
		}
		r, err = f.sagas.Abandon(ctx, r, owed)
	case saga.Committed:
		return f.sagas.Complete(ctx, r.SagaID)
	default:
		r, err = f.sagas.Redrive(ctx, r)
	}
	if err != nil || r.State != saga.Compensating && r.State != saga.Cancelling {
		return err
	}
	return f.services.Start(ctx, r)
}

func request(t *testing.T, number string, sku string, quantity int) gst.Request {
	t.Helper()
	item := map[string]any{
		"description": "x",
		"hsn":         "732393",
		"quantity":    quantity,
		"unit":        "NOS",
		"unit_price":  "250.00",
		"gst_rate":    18,
	}
	if sku != "" {
		item["sku"] = sku
	}
	in := map[string]any{
		"seller_merchant_id": merchantID,
		"buyer_gstin":        "29AABCU9603R1ZJ",
		"invoice_date":       "2025-11-26",
		"items":              []any{item},
	}
	if number == "" {
		in["series"] = "S"
	} else {
		in["invoice_number"] = number
	}
	b, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := gst.ParseRequest(b)
	require.NoError(t, err)
	return req
}

func key(n int) idempotency.Key {
	return idempotency.Key{Scope: merchantID, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
}

// stockLevel returns on hand, reserved and sold of the SKU, in units.
func (f *fixture) stockLevel(t *testing.T) [3]int {
	t.Helper()
	l, err := f.stock.Get(t.Context(), caller.ActingFor(merchantID), "SKU")
	require.NoError(t, err)
	return [3]int{int(l.OnHand / 1000), int(l.Reserved / 1000), int(l.Sold / 1000)}
}

func (f *fixture) invoices(t *testing.T) int {
	t.Helper()
	all, _, err := f.list(t, invoice.Query{Limit: 100})
	require.NoError(t, err)
	return len(all)
}

// list returns a page of the merchant's invoices.
func (f *fixture) list(t *testing.T, q invoice.Query) (found []gst.Invoice, next string, err error) {
	t.Helper()
	q.Tenant = cmp.Or(q.Tenant, caller.ActingFor(merchantID))
	next, err = f.issuer.Invoices.List(t.Context(), q, func(inv gst.Invoice) bool {
		found = append(found, inv)
		return true
	})
	return found, next, err
}

func (f *fixture) state(t *testing.T, sagaID string) saga.State {
	t.Helper()
	r, err := f.sagas.Load(t.Context(), sagaID)
	require.NoError(t, err)
	return r.State
}

func codeOf(err error) string {
	if known, ok := errors.AsType[*problem.Error](err); ok {
		return known.Code
	}
	return ""
}

func sagaOf(err error) string {
	if known, ok := errors.AsType[*problem.Error](err); ok {
		return known.SagaID
	}
	return ""
}

// quick limits keep the waits of duplicates short.
func quick() issuance.Limits {
	l := issuance.DefaultLimits()
	l.Request, l.Compensating = 3*time.Second, 100*time.Millisecond
	return l
}
