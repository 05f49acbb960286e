package issuance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// setupContended returns a fixture whose writes meet transactions, as on AWS. A transaction
// holds its items for twice as long as held.
func setupContended(t *testing.T, held time.Duration) (*fixture, *conflict.Transport) {
	t.Helper()
	f := setup(t)
	client, transport := dynamotest.ConflictingClient(t, held, held)
	f.connect(client)
	f.issuer.Limits = issuance.DefaultLimits()
	return f, transport
}

// issueAll issues n requests at the same time and returns their results. None may fail.
func (f *fixture) issueAll(t *testing.T, n int, issue func(i int) (issuance.Result, error)) []issuance.Result {
	t.Helper()
	results, errs := make([]issuance.Result, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i], errs[i] = issue(i) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return results
}

// TestADuplicateDuringTheCommitSharesItsAnswer: it claims the key while the commit's
// transaction holds it.
func TestADuplicateDuringTheCommitSharesItsAnswer(t *testing.T) {
	t.Parallel()
	f, transport := setupContended(t, 500*time.Millisecond)
	committing := make(chan struct{})
	once := sync.OnceFunc(func() { close(committing) })
	f.db.Hook = func(operation string) (bool, error) {
		if operation == "TransactWriteItems" {
			once()
		}
		return true, nil
	}
	results := f.issueAll(t, 2, func(i int) (issuance.Result, error) {
		if i == 1 {
			<-committing
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the transaction is on its way
		}
		return f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	})
	require.Equal(t, string(results[0].Body), string(results[1].Body))
	require.Equal(t, []bool{false, true}, []bool{results[0].Replayed, results[1].Replayed})
	require.Positive(t, transport.Conflicts())
	require.Equal(t, 1, f.invoices(t))
}

func TestManyClientsOneKeyUnderTheConflictRule(t *testing.T) {
	t.Parallel()
	f, transport := setupContended(t, 12*time.Millisecond)
	results := f.issueAll(t, 12, func(int) (issuance.Result, error) {
		return f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	})
	fresh := 0
	for _, r := range results {
		require.Equal(t, string(results[0].Body), string(r.Body))
		if !r.Replayed {
			fresh++
		}
	}
	require.Equal(t, 1, fresh)
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	require.Equal(t, saga.Committed, f.state(t, results[0].SagaID))
	t.Logf("%d conflicts", transport.Conflicts())
}

func TestManyClientsOneSeriesUnderTheConflictRule(t *testing.T) {
	t.Parallel()
	f, transport := setupContended(t, 12*time.Millisecond)
	const n = 8
	results := f.issueAll(t, n, func(i int) (issuance.Result, error) {
		return f.issue(t.Context(), key(i), request(t, "", "SKU", 1))
	})
	numbers := map[string]bool{}
	for _, r := range results {
		var inv gst.Invoice
		require.NoError(t, json.Unmarshal(r.Body, &inv))
		numbers[inv.InvoiceNumber] = true
	}
	for i := range n {
		require.True(t, numbers[fmt.Sprintf("S/2526/%04d", i+1)], "%v", numbers)
	}
	require.Equal(t, [3]int{10 - n, n, 0}, f.stockLevel(t))
	require.Positive(t, transport.Conflicts())
}

// TestADeletionThatMeetsATransaction: a transaction holds the record of the saga whose invoice
// is deleted.
func TestADeletionThatMeetsATransaction(t *testing.T) {
	t.Parallel()
	f, transport := setupContended(t, 25*time.Millisecond)
	result, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	f.lockKey(t, result.SagaID)
	check, err := f.sagas.CompensatingCheck(result.SagaID)
	require.NoError(t, err)
	go func() { _ = dynamo.Transact(t.Context(), f.db.Client, types.TransactWriteItem{ConditionCheck: check}) }()
	require.Eventually(t, func() bool { return transport.Held() > 0 }, 10*time.Second, time.Millisecond)
	deleted, err := f.issuer.Invoices.Delete(t.Context(), result.SagaID, check)
	require.NoError(t, err)
	require.Equal(t, invoice.Deleted, deleted)
}

// TestABusySKUStopsNoOtherSale: reservations that meet other sales all the time are refused with nothing
// to undo and do not open the breaker; the same request succeeds later.
func TestABusySKUStopsNoOtherSale(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(context.Context, func() error) error {
		return saga.Refuse(&inventory.RefusedError{Code: inventory.StockBusy, Message: "busy"})
	}
	for n := range 12 { // more than open the breaker
		_, err := f.issue(t.Context(), key(n+1), request(t, fmt.Sprintf("A-%d", n+1), "SKU", 1))
		known, ok := errors.AsType[*problem.Error](err)
		require.True(t, ok)
		require.Equal(t, "stock_busy", known.Code)
		require.Equal(t, time.Second, known.RetryAfter)
		r, err := f.sagas.Load(t.Context(), known.SagaID)
		require.NoError(t, err)
		require.Equal(t, saga.Aborted, r.State, "nothing is left to undo")
	}
	f.services.reserve = nil
	for n := range 2 {
		_, err := f.issue(t.Context(), key(n+1), request(t, fmt.Sprintf("A-%d", n+1), "SKU", 1))
		require.NoError(t, err)
	}
}
