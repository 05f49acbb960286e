package issuance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

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
	"github.com/invochain/invochain/shared/problem"
)

const merchantID = "merchant-1"

// world is everything that an issuer touches, on DynamoDB Local, with a clock that
// tests move and faults that tests choose.
type world struct {
	db     *dynamotest.Faults
	tables dynamotest.Names
	sagas  *saga.Store
	stock  *inventory.Store
	shop   *shop
	issuer *issuance.Issuer

	mu    sync.Mutex
	ahead time.Duration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	client := dynamotest.Client(t)
	w.tables = dynamotest.Tables(t, client)
	w.use(client)
	_, err := w.stock.SetOnHand(t.Context(), merchantID, "SKU", 10_000)
	require.NoError(t, err)
	return w
}

// use makes everything anew over a client.
func (w *world) use(client *dynamodb.Client) {
	w.db = &dynamotest.Faults{Client: client}
	w.sagas = saga.Open(w.db, saga.Config{Table: w.tables.Platform}, w.now)
	w.stock = inventory.New(w.db.Client, inventory.Config{Table: w.tables.Inventory}, w.now)
	w.shop = &shop{world: w}
	w.issuer = &issuance.Issuer{
		Sagas: w.sagas, Invoices: invoice.NewStore(w.db, w.tables.Invoices),
		Breaker:   breaker.New(client, breaker.Config{Table: w.tables.Platform, Name: "inventory"}, w.now),
		Merchants: w.shop, Inventory: w.shop, Compensator: w.shop, Queue: w.shop, HandOff: w.shop,
		Limits: quick(), Now: w.now, Log: slog.New(slog.DiscardHandler),
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead) //nolint:forbidigo // the real clock, moved
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// shop stands for the services around: it knows one merchant, reserves in the real
// inventory, undoes at once, and keeps what it is sent.
type shop struct {
	*world
	reserve func(ctx context.Context, do func() error) error // nil: just do it
	sent    []any
	away    bool // compensations are not started
	broken  bool // the inventory's compensation fails
}

func (s *shop) Get(context.Context, string) (merchant.Profile, error) {
	return merchant.Profile{ID: merchantID, GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}, nil
}

func (s *shop) Reserve(ctx context.Context, sagaID, merchantID string, lines []gst.StockLine) error {
	do := func() error {
		err := s.stock.Reserve(ctx, inventory.Reservation{SagaID: sagaID, MerchantID: merchantID, Lines: lines})
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

func (s *shop) Send(_ context.Context, m any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, m)
	return nil
}

// Start undoes a saga as the state machine would.
func (s *shop) Start(ctx context.Context, r saga.Record) error {
	if s.away {
		return errors.New("no state machine")
	}
	var done []saga.StepAttempt
	for _, undo := range r.Pending {
		run := saga.StepAttempt{Name: undo, Attempt: r.Redrive + 1, Outcome: saga.OK}
		if err := s.undo(ctx, undo, r); err != nil {
			run.Outcome, run.Error = saga.Failed, "Unavailable"
		}
		done = append(done, run)
	}
	_, err := s.sagas.Settle(ctx, r.SagaID, r.Redrive, done)
	return err
}

func (s *shop) undo(ctx context.Context, name string, r saga.Record) error {
	if name == step.Release {
		if s.broken {
			return errors.New("inventory away")
		}
		_, err := s.stock.Release(ctx, r.SagaID, r.MerchantID)
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
func (w *world) recoverAll(t *testing.T) {
	t.Helper()
	for range 20 {
		due, err := w.sagas.Due(t.Context(), 10)
		require.NoError(t, err)
		if len(due) == 0 {
			return
		}
		for _, r := range due {
			require.NoError(t, w.recoverOne(t.Context(), r))
		}
	}
	t.Fatal("sagas stay due")
}

func (w *world) recoverOne(ctx context.Context, r saga.Record) error {
	var err error
	switch r.State {
	case saga.Begun:
		r, err = w.sagas.Abandon(ctx, r, []string{step.Delete, step.Release})
	case saga.Committed:
		return w.sagas.Complete(ctx, r.SagaID)
	default:
		r, err = w.sagas.Redrive(ctx, r)
	}
	if err != nil || r.State != saga.Compensating {
		return err
	}
	return w.shop.Start(ctx, r)
}

func request(t *testing.T, number string, sku string, quantity int) gst.Request {
	t.Helper()
	item := map[string]any{"description": "x", "hsn": "732393", "quantity": quantity, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18}
	if sku != "" {
		item["sku"] = sku
	}
	in := map[string]any{
		"seller_merchant_id": merchantID, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26", "items": []any{item},
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

// books of the SKU: on hand, reserved, sold, in units.
func (w *world) books(t *testing.T) [3]int {
	t.Helper()
	l, err := w.stock.Get(t.Context(), merchantID, "SKU")
	require.NoError(t, err)
	return [3]int{int(l.OnHand / 1000), int(l.Reserved / 1000), int(l.Sold / 1000)}
}

func (w *world) invoices(t *testing.T) int {
	t.Helper()
	all, _, err := w.issuer.Invoices.List(t.Context(), merchantID, "", 100)
	require.NoError(t, err)
	return len(all)
}

func (w *world) state(t *testing.T, sagaID string) saga.State {
	t.Helper()
	r, err := w.sagas.Load(t.Context(), sagaID)
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
