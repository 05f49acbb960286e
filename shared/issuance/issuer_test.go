package issuance_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
)

// TestAwaitedCalls asserts the budget of docs/benchmarks.md: three awaited calls for a
// create, one of them to the inventory, and one for a replay.
func TestAwaitedCalls(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.Equal(
		t,
		[]string{"PutItem", "TransactWriteItems"},
		f.db.Calls(),
		"with one invocation of the inventory between them",
	)
	require.Equal(
		t,
		[]any{events.AuditRequest{SagaID: f.services.sent[0].(events.AuditRequest).SagaID, MerchantID: merchantID}},
		f.services.sent,
	)
	f.db.Forget()
	again, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, []string{"PutItem"}, f.db.Calls())
}

// TestEveryWriteLostOrItsReply issues an invoice while the nth write is lost, or only its
// reply, for every n, and then retries with the same key.
func TestEveryWriteLostOrItsReply(t *testing.T) {
	t.Parallel()
	for how, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		for n := 1; ; n++ {
			f := setup(t)
			hook, reached := dynamotest.Nth(n, applied)
			f.db.Hook = hook
			first, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 3))
			f.db.Hook = nil
			if !reached() {
				break
			}
			require.NoError(t, err, "%s %d: the caller does not notice", how, n)
			again, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 3))
			require.NoError(t, err, "%s %d", how, n)
			require.Equal(t, string(first.Body), string(again.Body), "%s %d", how, n)
			f.advance(time.Minute)
			f.recoverAll(t)
			require.Equal(t, 1, f.invoices(t), "%s %d", how, n)
			require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "%s %d", how, n)
			require.Contains(t, string(again.Body), "S/2526/0001", "%s %d: no gap", how, n)
		}
	}
}

func TestManyClientsManyKeysOneSeries(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const n = 10
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, _ = f.issue(t.Context(), key(i), request(t, "", "SKU", 1)) })
	}
	wg.Wait()
	all, _, err := f.list(t, invoice.Query{Limit: 100})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, inv := range all {
		seen[inv.InvoiceNumber] = true
	}
	for i := range n {
		require.True(t, seen[fmt.Sprintf("S/2526/%04d", i+1)], "%v", seen)
	}
	require.Equal(t, [3]int{0, 10, 0}, f.stockLevel(t))
}

func TestNumberTaken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issue(t.Context(), key(1), request(t, "ab-1", "SKU", 1))
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(2), request(t, "AB-1", "SKU", 1))
	require.Equal(t, "invoice_number_taken", codeOf(err))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{9, 1, 0}, f.stockLevel(t))
	_, err = f.issue(t.Context(), key(2), request(t, "AB-2", "SKU", 1))
	require.NoError(t, err, "the key may try again, with another number")
}

// TestAKeyIssuesOnceHoweverLate: a copy of the request comes after a day, from a dead letter queue
// or an outbox that stood over a weekend, before or after the audit. It gets the invoice as
// it is now.
func TestAKeyIssuesOnceHoweverLate(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	for _, later := range []time.Duration{25 * time.Hour, 30 * 24 * time.Hour} {
		f.advance(later)
		again, err := f.issue(t.Context(), key(1), request(t, "", "SKU", 1))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, 201, again.Status)
		require.JSONEq(t, string(first.Body), string(again.Body))
		accepted, err := f.accept(t.Context(), key(1), request(t, "", "SKU", 1), nil)
		require.NoError(t, err)
		require.Equal(t, again, accepted)
		_, err = f.issue(t.Context(), key(1), request(t, "", "SKU", 2))
		require.Equal(t, "idempotency_key_reused", codeOf(err))
		f.recoverAll(t)
	}
	require.Equal(t, saga.Completed, f.state(t, first.SagaID))
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{9, 1, 0}, f.stockLevel(t))
}
