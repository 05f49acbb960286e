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

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/tests/framework/stack"
)

// crashingIssuer is an issuer on the stack's tables that calls afterReserve once the stock
// is reserved and fails to send any message, as a process that crashes there.
func (f *fixture) crashingIssuer(afterReserve func() error) *issuance.Issuer {
	platform := f.Vars(deployment.PlatformTable)
	return &issuance.Issuer{
		Sagas: f.Sagas, Invoices: f.Invoices, Merchants: &merchant.Cache{Store: merchant.NewStore(f.DB, platform, time.Now)},
		Breaker:   breaker.New(f.DB, breaker.Config{Table: platform, Name: "test"}, time.Now),
		Inventory: crash{f, afterReserve}, Compensator: unreachable{}, Queue: unreachable{}, HandOff: unreachable{},
		Buyers: privacy.NewStore(f.DB, f.Vars(deployment.KeysTable), time.Now),
		Limits: issuance.DefaultLimits(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

type unreachable struct{}

func (unreachable) Send(context.Context, string, any) error { return errCrashed }

func (unreachable) Start(context.Context, saga.Record) error { return errCrashed }

// crash reserves through the deployed function and then calls after.
type crash struct {
	*fixture
	after func() error
}

func (c crash) Reserve(ctx context.Context, sagaID string, req gst.Request) error {
	payload, err := json.Marshal(map[string]any{
		"saga_id": sagaID, "merchant_id": req.SellerMerchantID, "lines": req.StockLines(), "returns": req.Restock,
	})
	if err != nil {
		return err
	}
	out, err := c.Lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(c.Vars(deployment.ReserveFunction)), Payload: payload,
	})
	if err != nil {
		return err
	}
	if out.FunctionError != nil {
		return errors.New(*out.FunctionError)
	}
	return c.after()
}

var errCrashed = errors.New("crashed")

// crashAfterReserve leaves a saga that has reserved stock and whose owner has crashed.
func (f *fixture) crashAfterReserve(t *testing.T, key, body string) {
	t.Helper()
	req, err := gst.ParseRequest([]byte(body))
	require.NoError(t, err)
	k, err := idempotency.ParseKey(req.SellerMerchantID, key)
	require.NoError(t, err)
	defer func() { require.Equal(t, errCrashed, recover()) }()
	_, _ = f.crashingIssuer(func() error { panic(errCrashed) }).Issue(t.Context(), issuance.Actor{}, k, req)
}

// TestCrashAfterReserveIsRecovered: without a retry or an operator, the scheduled recovery
// compensates the saga within a minute of its deadline.
func TestCrashAfterReserveIsRecovered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 10)
	f.crashAfterReserve(t, key, sale(m, "SKU", 4))
	l, err := f.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 4000, l.Reserved)
	require.NoError(t, stack.Await(t.Context(), 15*time.Second+time.Minute+15*time.Second, func() (bool, error) {
		l, err := f.Stock(t.Context(), m, "SKU")
		return l.Reserved == 0 && l.OnHand == 10_000, err
	}))
	require.Empty(t, f.invoices(t, m))
	require.Eventually(t, func() bool {
		return f.create(t, key, sale(m, "SKU", 4)).Status == 201
	}, 10*time.Second, time.Second)
}

// TestRetryResumesAfterACrash: a retry with the same key resumes the saga once the crashed
// owner's lease has ended; an earlier retry gets a 409 with Retry-After.
func TestRetryResumesAfterACrash(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 10)
	f.crashAfterReserve(t, key, sale(m, "SKU", 4))
	early := f.create(t, key, sale(m, "SKU", 4))
	if early.Status != 201 { // on a busy machine the crashed run's lease, or its own time, may end while it waits
		codes := []string{"request_in_progress", "temporarily_unavailable"}
		require.Contains(t, codes, early.Field("code"), "%s", early.Body)
		require.NotEmpty(t, early.Header.Get("Retry-After"))
	}
	var r client.Reply
	require.Eventually(t, func() bool {
		r = f.create(t, key, sale(m, "SKU", 4))
		return r.Status == 201
	}, 15*time.Second, 100*time.Millisecond)
	require.Equal(t, early.Field("saga_id"), r.Field("saga_id"))
	f.awaitState(t, r.Field("saga_id"), "COMPLETED")
	require.Len(t, f.invoices(t, m), 1)
}

// TestStuckSagaIsRedrivenByRecovery: a saga becomes stuck while the inventory's functions
// are refused. Once they are allowed again, the next scheduled recovery redrives it. It
// runs alone, since it refuses the inventory.
func TestStuckSagaIsRedrivenByRecovery(t *testing.T) {
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 10)
	allow := f.refuse(t, deployment.ReserveFunction, deployment.ReleaseFunction)
	r := f.create(t, key, sale(m, "SKU", 4))
	require.Equal(t, 503, r.Status, "%s", r.Body)
	f.awaitState(t, r.Field("saga_id"), "STUCK")
	allow()
	require.NoError(t, stack.Await(t.Context(), time.Minute+15*time.Second, func() (bool, error) {
		state, err := f.State(t.Context(), r.Field("saga_id"))
		return state == "COMPENSATED", err
	}))
	require.Equal(t, 201, f.create(t, key, sale(m, "SKU", 4)).Status, "its key is free")
}

// TestLostAuditRequestIsSentByRecovery: the commit has landed, but the audit request was
// never sent. Recovery finds the saga in its index and sends it.
func TestLostAuditRequestIsSentByRecovery(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	req, err := gst.ParseRequest([]byte(sale(m, "SKU", 4)))
	require.NoError(t, err)
	k, err := idempotency.ParseKey(m, client.NewKey())
	require.NoError(t, err)
	answer, err := f.crashingIssuer(func() error { return nil }).Issue(t.Context(), issuance.Actor{}, k, req)
	require.NoError(t, err)
	require.NoError(t, stack.Await(t.Context(), 15*time.Second+time.Minute+15*time.Second, func() (bool, error) {
		state, err := f.State(t.Context(), answer.SagaID)
		return state == "COMPLETED", err
	}))
	entries, err := f.logged(t.Context(), m)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
