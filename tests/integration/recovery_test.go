//go:build integration

package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/tests/framework/stack"
)

// dying is an issuer on the stack's own tables that stops where a test says: what
// it leaves is what a crash there leaves.
func (s *suite) dying(reserve func() error) *issuance.Issuer {
	platform := s.Vars("INVOCHAIN_PLATFORM_TABLE")
	return &issuance.Issuer{
		Sagas: s.Sagas, Invoices: s.Invoices, Merchants: merchant.NewStore(s.DB, platform, time.Now),
		Breaker:   breaker.New(s.DB, breaker.Config{Table: platform, Name: "test"}, time.Now),
		Inventory: crash{s, reserve}, Compensator: nobody{}, Queue: nobody{}, HandOff: nobody{},
		Limits: issuance.DefaultLimits(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

type nobody struct{}

func (nobody) Send(context.Context, any) error { return errDied }

func (nobody) Start(context.Context, saga.Record) error { return errDied }

// crash reserves through the deployed function, and then maybe dies.
type crash struct {
	*suite
	after func() error
}

func (c crash) Reserve(ctx context.Context, sagaID, merchantID string, lines []gst.StockLine) error {
	payload, err := json.Marshal(map[string]any{"saga_id": sagaID, "merchant_id": merchantID, "lines": lines})
	if err != nil {
		return err
	}
	out, err := c.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(c.Vars("INVOCHAIN_RESERVE_FUNCTION")), Payload: payload})
	if err != nil {
		return err
	}
	if out.FunctionError != nil {
		return errors.New(*out.FunctionError)
	}
	return c.after()
}

var errDied = errors.New("died")

// dieAfterReserve leaves a saga that reserved stock and whose owner is gone.
func (s *suite) dieAfterReserve(t *testing.T, key, body string) {
	t.Helper()
	req, err := gst.ParseRequest([]byte(body))
	require.NoError(t, err)
	k, err := idempotency.ParseKey(req.SellerMerchantID, key)
	require.NoError(t, err)
	defer func() { require.Equal(t, errDied, recover()) }()
	_, _ = s.dying(func() error { panic(errDied) }).Issue(t.Context(), k, req)
}

// TestCrashAfterReserveIsPickedUpByItself: nobody retries, nobody is asked; the
// schedule finds the saga within a minute of its deadline.
func TestCrashAfterReserveIsPickedUpByItself(t *testing.T) {
	t.Parallel()
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 10)
	s.dieAfterReserve(t, key, sale(m, "SKU", 4))
	l, err := s.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 4000, l.Reserved)
	require.NoError(t, stack.Await(t.Context(), 15*time.Second+time.Minute+15*time.Second, func() (bool, error) {
		l, err := s.Stock(t.Context(), m, "SKU")
		return l.Reserved == 0 && l.OnHand == 10_000, err
	}))
	require.Empty(t, s.invoices(t, m))
	require.Eventually(t, func() bool { return s.create(t, key, sale(m, "SKU", 4)).Status == 201 }, 10*time.Second, time.Second)
}

// TestRetryResumesAfterACrash: the same key goes on with the same saga once the
// dead owner's lease is over; a retry that comes earlier waits for it.
func TestRetryResumesAfterACrash(t *testing.T) {
	t.Parallel()
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 10)
	s.dieAfterReserve(t, key, sale(m, "SKU", 4))
	early := s.create(t, key, sale(m, "SKU", 4))
	require.Equal(t, 409, early.Status, "%s", early.Body)
	require.Equal(t, "request_in_progress", early.Field("code"))
	require.NotEmpty(t, early.Header.Get("Retry-After"))
	var r stack.Reply
	require.Eventually(t, func() bool { r = s.create(t, key, sale(m, "SKU", 4)); return r.Status == 201 }, 15*time.Second, 100*time.Millisecond)
	require.Equal(t, early.Field("saga_id"), r.Field("saga_id"))
	s.awaitState(t, r.Field("saga_id"), "COMPLETED")
	require.Len(t, s.invoices(t, m), 1)
}

// TestStuckSagaIsUndoneByItself: the inventory's functions come back just after a saga got
// stuck behind them. Nobody redrives it; the schedule's next look does.
func TestStuckSagaIsUndoneByItself(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 10)
	back := s.refuse(t, "INVOCHAIN_RESERVE_FUNCTION", "INVOCHAIN_RELEASE_FUNCTION")
	r := s.create(t, key, sale(m, "SKU", 4))
	require.Equal(t, 503, r.Status, "%s", r.Body)
	s.awaitState(t, r.Field("saga_id"), "STUCK")
	back()
	require.NoError(t, stack.Await(t.Context(), time.Minute+15*time.Second, func() (bool, error) {
		state, err := s.State(t.Context(), r.Field("saga_id"))
		return state == "COMPENSATED", err
	}))
	require.Equal(t, 201, s.create(t, key, sale(m, "SKU", 4)).Status, "its key is free")
}

// TestLostNudgeIsMadeUpFor: the commit stands, the message to the audit was never
// sent. Recovery finds the outbox mark.
func TestLostNudgeIsMadeUpFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 10)
	req, err := gst.ParseRequest([]byte(sale(m, "SKU", 4)))
	require.NoError(t, err)
	k, err := idempotency.ParseKey(m, stack.NewKey())
	require.NoError(t, err)
	answer, err := s.dying(func() error { return nil }).Issue(t.Context(), k, req)
	require.NoError(t, err)
	require.NoError(t, stack.Await(t.Context(), 15*time.Second+time.Minute+15*time.Second, func() (bool, error) {
		state, err := s.State(t.Context(), answer.SagaID)
		return state == "COMPLETED", err
	}))
	entries, err := s.Audit.List(t.Context(), m, 0, 10)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
