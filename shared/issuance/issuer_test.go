package issuance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
)

// TestAwaitedCalls asserts the budget of docs/benchmarks.md: three awaited calls for a
// create, one of them to the inventory, and one for a replay.
func TestAwaitedCalls(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.Equal(t, []string{"PutItem", "TransactWriteItems"}, f.db.Calls(), "with one invocation of the inventory between them")
	require.Equal(t, []any{events.AuditRequest{SagaID: f.services.sent[0].(events.AuditRequest).SagaID, MerchantID: merchantID}}, f.services.sent)
	f.db.Forget()
	again, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
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
			first, err := f.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 3))
			f.db.Hook = nil
			if !reached() {
				break
			}
			require.NoError(t, err, "%s %d: the caller does not notice", how, n)
			again, err := f.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 3))
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

// TestCrashAnywhereIsPickedUp holds P4 and P5: the function dies after the nth write, and
// the caller does not retry.
func TestCrashAnywhereIsPickedUp(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		f := setup(t)
		seen := 0
		f.db.Hook = func(string) (bool, error) {
			seen++
			return seen <= n, errIf(seen > n)
		}
		f.services.noStateMachine = true
		_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		f.db.Hook, f.services.noStateMachine = nil, false
		f.advance(16 * time.Second)
		f.recoverAll(t)
		if err == nil {
			require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "crash after %d writes", n)
			require.Equal(t, 1, f.invoices(t))
			continue
		}
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t), "crash after %d writes", n)
		require.Zero(t, f.invoices(t), "crash after %d writes", n)
		answer, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		require.NoError(t, err, "the key is free again")
		require.Equal(t, 201, answer.Status)
	}
}

func errIf(dead bool) error {
	if dead {
		return dynamotest.ErrLost
	}
	return nil
}

func TestRetryResumesACrashedRun(t *testing.T) {
	t.Parallel()
	f := setup(t)
	crashed := f.begunAndReserved(t)
	f.advance(16 * time.Second) // its lease has expired
	answer, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, crashed, answer.SagaID, "the same saga, from where it stood")
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "reserved once")
}

// begunAndReserved leaves a saga as a crash after Reserve does.
func (f *fixture) begunAndReserved(t *testing.T) string {
	t.Helper()
	req := request(t, "A-1", "SKU", 3)
	var sagaID string
	f.services.reserve = func(ctx context.Context, do func() error) error {
		require.NoError(t, do())
		f.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
		return nil
	}
	_, err := f.issuer.Issue(t.Context(), key(1), req)
	f.db.Hook, f.services.reserve = nil, nil
	sagaID = sagaOf(err)
	require.Equal(t, saga.Begun, f.state(t, sagaID))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	return sagaID
}

// TestSlowFormerOwnerIsRefused holds P9: an instance stalls between Reserve and Commit for
// longer than its lease; another one takes over and answers.
func TestSlowFormerOwnerIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var winner issuance.Result
	f.services.reserve = func(_ context.Context, do func() error) error {
		f.services.reserve = nil
		require.NoError(t, do())
		f.advance(16 * time.Second)
		var err error
		winner, err = f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		require.NoError(t, err)
		return nil
	}
	late, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, string(winner.Body), string(late.Body), "it returns the other's answer")
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
}

// TestStalledCommitAfterItsCompensation: recovery compensated the saga while its owner
// stalled. The owner's commit must not create an invoice without stock.
func TestStalledCommitAfterItsCompensation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		f.advance(25 * time.Second)
		f.recoverAll(t)
		f.services.reserve = nil
		return nil
	}
	answer, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it starts again, as a new saga")
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "reserved for the saga that issued")
	require.Equal(t, saga.Committed, f.state(t, answer.SagaID))
}

// TestStalledReserveAfterItsCompensation: the same, with the stall before Reserve. The
// refusal that the ended saga gets is not the answer of the key.
func TestStalledReserveAfterItsCompensation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(_ context.Context, do func() error) error {
		f.advance(25 * time.Second)
		f.recoverAll(t)
		f.services.reserve = nil
		return do()
	}
	answer, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it starts again, as a new saga")
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
	require.Equal(t, saga.Committed, f.state(t, answer.SagaID))
}

func TestInventoryUnavailable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	f.services.reserve = nil
	_, err = f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
}

// TestOpenBreakerRefusesAtOnce: after ten failed calls to the inventory the next request is
// refused without a call, and leaves nothing to compensate. After half a minute one
// request finds the inventory available.
func TestOpenBreakerRefusesAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	calls := 0
	f.services.reserve = func(context.Context, func() error) error { calls++; return errors.New("connection refused") }
	open := func(n int) bool {
		_, err := f.issuer.Issue(t.Context(), key(n), request(t, fmt.Sprintf("A-%d", n), "SKU", 1))
		return codeOf(err) == "inventory_unavailable"
	}
	n := 20
	for ; !open(n); n++ {
		require.Less(t, n, 40, "ten open it, or a few more across the edge of a window")
	}
	f.advance(time.Second)
	before := calls
	_, err := f.issuer.Issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, before, calls)
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	_, err = f.issuer.Issue(t.Context(), key(11), request(t, "A-11", "", 1))
	require.NoError(t, err, "an invoice without a SKU needs no inventory")

	f.services.reserve = nil
	f.advance(30 * time.Second)
	_, err = f.issuer.Issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.NoError(t, err)
}

// TestOwnTimeoutIsNotTheInventorysFault: a request whose own time runs out while it waits
// does not count against the inventory.
func TestOwnTimeoutIsNotTheInventorysFault(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.services.reserve = func(context.Context, func() error) error { cancel(); return ctx.Err() }
	_, err := f.issuer.Issue(ctx, key(1), request(t, "A-1", "SKU", 1))
	require.Error(t, err)
	s, err := breaker.New(f.db, breaker.Config{Table: f.tables.Platform, Name: "inventory"}, f.now).Read(t.Context())
	require.NoError(t, err)
	require.Zero(t, s.Failures)
}

// TestAnswerIsKeptWhileItsAuditIsOwed: a day passes and the audit is still unavailable. The
// key's record holds the outbox mark, so it must neither expire nor be overwritten.
func TestAnswerIsKeptWhileItsAuditIsOwed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	f.advance(25 * time.Hour)
	again, err := f.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
	require.Equal(t, saga.Committed, f.state(t, first.SagaID))
	f.recoverAll(t)
	require.Equal(t, saga.Completed, f.state(t, first.SagaID))
	next, err := f.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.NotEqual(t, first.SagaID, next.SagaID, "it has expired by now")
	require.Equal(t, saga.Completed, f.state(t, first.SagaID))
}

// TestOpenBreakerDoesNotForgetWhatACrashReserved: the retry of a crashed run meets an open
// breaker. It sends nothing, but the stock that the first run reserved is released.
func TestOpenBreakerDoesNotForgetWhatACrashReserved(t *testing.T) {
	t.Parallel()
	f := setup(t)
	crashed := f.begunAndReserved(t)
	f.advance(16 * time.Second) // its lease has expired
	f.services.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	for n := range 20 { // enough within either of two windows
		_, err := f.issuer.Issue(t.Context(), key(10+n), request(t, fmt.Sprintf("B-%d", n), "SKU", 1))
		require.Error(t, err)
	}
	f.advance(time.Second)
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, crashed, sagaOf(err))
	require.Equal(t, saga.Compensated, f.state(t, crashed))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

// TestLateReserveIsHarmless holds P8: the inventory's answer was lost, the saga was
// compensated, and only then the reservation arrives.
func TestLateReserveIsHarmless(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var late func() error
	f.services.reserve = func(_ context.Context, do func() error) error {
		late = do
		return errors.New("timed out")
	}
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Error(t, late())
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

func TestStuckSagaIsRedrivenFromWhatFailed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.inventoryFails = true
	f.services.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		return errors.New("reply lost")
	}
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	stuck := sagaOf(err)
	require.Equal(t, saga.Stuck, f.state(t, stuck))
	_, err = f.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "compensation_in_progress", codeOf(err), "the key is locked")

	found, err := f.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	f.recoverAll(t)
	again, err := f.sagas.Load(t.Context(), stuck)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, again.State)
	require.Equal(t, 1, again.Redrive, "the next run redrives it")
	f.services.inventoryFails, f.services.reserve = false, nil
	f.recoverAll(t)
	require.Equal(t, saga.Stuck, f.state(t, stuck), "the run after that waits")
	f.advance(31 * time.Second)
	f.recoverAll(t)
	require.Equal(t, saga.Compensated, f.state(t, stuck))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

func TestTwoRecoveriesAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	sagaID := f.begunAndReserved(t)
	f.advance(time.Minute)
	due, err := f.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _ = f.recoverOne(t.Context(), due[0]) })
	}
	wg.Wait()
	require.Equal(t, saga.Compensated, f.state(t, sagaID))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

func TestManyClientsManyKeysOneSeries(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const n = 10
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, _ = f.issuer.Issue(t.Context(), key(i), request(t, "", "SKU", 1)) })
	}
	wg.Wait()
	all, _, err := f.issuer.Invoices.List(t.Context(), merchantID, "", 100)
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
	_, err := f.issuer.Issue(t.Context(), key(1), request(t, "ab-1", "SKU", 1))
	require.NoError(t, err)
	_, err = f.issuer.Issue(t.Context(), key(2), request(t, "AB-1", "SKU", 1))
	require.Equal(t, "invoice_number_taken", codeOf(err))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Equal(t, 1, f.invoices(t))
	require.Equal(t, [3]int{9, 1, 0}, f.stockLevel(t))
	_, err = f.issuer.Issue(t.Context(), key(2), request(t, "AB-2", "SKU", 1))
	require.NoError(t, err, "the key may try again, with another number")
}

// TestDelete tests the compensation of a commit that landed after all. The saga's record
// prevents that as the barrier, so the test changes the record by hand.
func TestDelete(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		number string
		voided bool
	}{"an allocated number stays, void": {"", true}, "a client's number is free again": {"C-1", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			answer, err := f.issuer.Issue(t.Context(), key(1), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			held, err := f.sagas.CompensatingCheck(answer.SagaID)
			require.NoError(t, err)
			_, err = f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.Error(t, err, "the invoice of a committed saga is out of reach")
			require.Equal(t, 1, f.invoices(t))

			f.lockKey(t, answer.SagaID)
			outcome, err := f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.Deleted, outcome)
			outcome, err = f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.NothingToDelete, outcome, "a second delivery")
			require.Zero(t, f.invoices(t))
			next, err := f.issuer.Issue(t.Context(), key(2), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			require.Equal(t, tc.voided, strings.Contains(string(next.Body), "S/2526/0002"))
		})
	}
}

// lockKey makes a committed saga look as if it were being compensated.
func (f *fixture) lockKey(t *testing.T, sagaID string) {
	t.Helper()
	keyHash, _, _ := strings.Cut(sagaID, "-")
	_, err := f.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.tables.Platform, Key: idempotency.ItemKey(keyHash), UpdateExpression: aws.String("SET key_state = :held"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":held": &types.AttributeValueMemberS{Value: string(idempotency.Locked)}},
	})
	require.NoError(t, err)
}
