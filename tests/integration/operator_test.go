//go:build integration

package integration_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/tests/framework/stack"
)

// letter returns the dead letter of the queue requests with this body; nil if there is none.
func (f *fixture) letter(t *testing.T, body string) (*operations.DeadLetter, error) {
	t.Helper()
	found, err := f.Operator.DeadLetters(t.Context(), "requests")
	for _, l := range found {
		if l.Body == body {
			return &l, err
		}
	}
	return nil, err
}

// TestADeadLetterIsDropped: an operator sees a malformed message, drops it, and it is gone
// while the others stay. It runs alone, since others would hide the letters that it counts.
func TestADeadLetterIsDropped(t *testing.T) {
	f := setup(t)
	sent := time.Now()
	bodies := []string{"not JSON " + client.NewKey(), "nor this " + client.NewKey()}
	letters := make([]*operations.DeadLetter, len(bodies))
	for i, body := range bodies {
		f.send(t, deployment.RequestsQueue, body)
		require.NoError(t, stack.Await(t.Context(), dlqTimeout, func() (found bool, err error) {
			letters[i], err = f.letter(t, body)
			return letters[i] != nil, err
		}))
	}
	l := letters[0]
	require.Equal(t, "body_not_json", l.Code)
	require.NotContains(t, l.Reason, bodies[0])
	require.Equal(t, 1, l.Attempts)
	require.WithinDuration(t, sent, l.Sent, dlqTimeout)

	told := ""
	operator := *f.Operator
	operator.OnDropped = func(_ context.Context, queue, body string) error {
		told = queue + " " + body
		return nil
	}
	var dropped []string
	drop(t, operator, l.ID, func(l operations.DeadLetter) { dropped = append(dropped, l.ID) })
	require.Equal(t, []string{l.ID}, dropped)
	require.Equal(t, "requests "+bodies[0], told)
	gone, err := f.letter(t, bodies[0])
	require.NoError(t, err)
	require.Nil(t, gone)
	require.NoError(t, stack.Await(t.Context(), dlqTimeout, func() (bool, error) {
		other, err := f.letter(t, bodies[1])
		return other != nil, err
	}), "the other letter can be seen at once")
	drop(t, operator, letters[1].ID, func(operations.DeadLetter) {})
}

// tests does what an operator does.
var tests = operations.By{Operator: "tests", Why: "a test"}

// drop drops a dead letter of the requests. A read whose answer was lost hides it for 30 s.
func drop(t *testing.T, operator operations.System, id string, dropped func(operations.DeadLetter)) {
	t.Helper()
	var err error
	require.NoError(t, stack.Await(t.Context(), 40*time.Second, func() (bool, error) {
		err = operator.Drop(t.Context(), operations.Selection{Queue: "requests", ID: id}, tests, dropped)
		return err == nil, nil
	}), "%v", err)
}

// TestWhatACustomerKnowsFindsTheSaga: the key, or the number.
func TestWhatACustomerKnowsFindsTheSaga(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 5)
	key := client.NewKey()
	r, err := f.Create(t.Context(), key, []byte(sale(m, "SKU", 1)))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	found, err := f.Operator.SagasOfKey(t.Context(), m, key)
	require.NoError(t, err)
	require.Equal(t, r.Field("saga_id"), found[0].SagaID)
	scope := invoice.NumberScope{MerchantID: m, DocumentType: "INV", FinancialYear: "2526"}
	saga, err := f.Operator.SagaOfNumber(t.Context(), scope, r.Field("invoice_number"))
	require.NoError(t, err)
	require.Equal(t, r.Field("saga_id"), saga.SagaID)
}
