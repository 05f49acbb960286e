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

// TestAwaitedCalls is the budget of docs/benchmarks.md: three calls for a create, of which
// one is to the inventory, and one for a replay.
func TestAwaitedCalls(t *testing.T) {
	w := newWorld(t)
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.Equal(t, []string{"PutItem", "TransactWriteItems"}, w.db.Calls(), "and one invoke of the inventory between them")
	require.Equal(t, []any{events.AuditRequest{SagaID: w.shop.sent[0].(events.AuditRequest).SagaID, MerchantID: merchantID}}, w.shop.sent)
	w.db.Forget()
	again, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, []string{"PutItem"}, w.db.Calls())
}

// TestEveryWriteLostOrItsReply issues an invoice while the nth write fails in one
// of two ways, for every n that there is, then retries with the same key.
func TestEveryWriteLostOrItsReply(t *testing.T) {
	for how, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			hook, reached := dynamotest.Nth(n, applied)
			w.db.Hook = hook
			first, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 3))
			w.db.Hook = nil
			if !reached() {
				break
			}
			require.NoError(t, err, "%s %d: the caller does not notice", how, n)
			again, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 3))
			require.NoError(t, err, "%s %d", how, n)
			require.Equal(t, string(first.Body), string(again.Body), "%s %d", how, n)
			w.later(time.Minute)
			w.recoverAll(t)
			require.Equal(t, 1, w.invoices(t), "%s %d", how, n)
			require.Equal(t, [3]int{7, 3, 0}, w.books(t), "%s %d", how, n)
			require.Contains(t, string(again.Body), "S/2526/0001", "%s %d: no gap", how, n)
		}
	}
}

// TestCrashAnywhereIsPickedUp is promise P4 and P5: the function dies after the nth
// write and nobody retries.
func TestCrashAnywhereIsPickedUp(t *testing.T) {
	for n := range 4 {
		w := newWorld(t)
		seen := 0
		w.db.Hook = func(string) (bool, error) {
			seen++
			return seen <= n, errIf(seen > n)
		}
		w.shop.away = true
		_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		w.db.Hook, w.shop.away = nil, false
		w.later(16 * time.Second)
		w.recoverAll(t)
		if err == nil {
			require.Equal(t, [3]int{7, 3, 0}, w.books(t), "crash after %d writes", n)
			require.Equal(t, 1, w.invoices(t))
			continue
		}
		require.Equal(t, [3]int{10, 0, 0}, w.books(t), "crash after %d writes", n)
		require.Zero(t, w.invoices(t), "crash after %d writes", n)
		answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
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
	w := newWorld(t)
	crashed := w.begunAndReserved(t)
	w.later(16 * time.Second) // its lease is over
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, crashed, answer.SagaID, "the same saga, from where it stood")
	require.Equal(t, [3]int{7, 3, 0}, w.books(t), "reserved once")
}

// begunAndReserved leaves a saga as a crash after Reserve does.
func (w *world) begunAndReserved(t *testing.T) string {
	t.Helper()
	req := request(t, "A-1", "SKU", 3)
	var sagaID string
	w.shop.reserve = func(ctx context.Context, do func() error) error {
		require.NoError(t, do())
		w.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
		return nil
	}
	_, err := w.issuer.Issue(t.Context(), key(1), req)
	w.db.Hook, w.shop.reserve = nil, nil
	sagaID = sagaOf(err)
	require.Equal(t, saga.Begun, w.state(t, sagaID))
	require.Equal(t, [3]int{7, 3, 0}, w.books(t))
	return sagaID
}

// TestSlowFormerOwnerIsRefused is promise P9: an instance stalls between Reserve
// and Commit for longer than its lease; another one takes over and answers.
func TestSlowFormerOwnerIsRefused(t *testing.T) {
	w := newWorld(t)
	var winner issuance.Result
	w.shop.reserve = func(_ context.Context, do func() error) error {
		w.shop.reserve = nil
		require.NoError(t, do())
		w.later(16 * time.Second)
		var err error
		winner, err = w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
		require.NoError(t, err)
		return nil
	}
	late, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
	require.Equal(t, string(winner.Body), string(late.Body), "it is told the other's answer")
	require.Equal(t, 1, w.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, w.books(t))
}

// TestStalledCommitAfterItsCompensation: recovery undid the saga while its owner
// stalled; the owner's commit must not bring an invoice without stock.
func TestStalledCommitAfterItsCompensation(t *testing.T) {
	w := newWorld(t)
	w.shop.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		w.later(25 * time.Second)
		w.recoverAll(t)
		w.shop.reserve = nil
		return nil
	}
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it begins afresh, as a new saga")
	require.Equal(t, 1, w.invoices(t))
	require.Equal(t, [3]int{7, 3, 0}, w.books(t), "reserved for the saga that issued")
	require.Equal(t, saga.Committed, w.state(t, answer.SagaID))
}

// TestStalledReserveAfterItsCompensation: the same, with the stall before Reserve. The
// refusal that the ended saga gets is not what the key's caller is told.
func TestStalledReserveAfterItsCompensation(t *testing.T) {
	w := newWorld(t)
	w.shop.reserve = func(_ context.Context, do func() error) error {
		w.later(25 * time.Second)
		w.recoverAll(t)
		w.shop.reserve = nil
		return do()
	}
	answer, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "it begins afresh, as a new saga")
	require.Equal(t, [3]int{7, 3, 0}, w.books(t))
	require.Equal(t, saga.Committed, w.state(t, answer.SagaID))
}

func TestInventoryAway(t *testing.T) {
	w := newWorld(t)
	w.shop.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Equal(t, saga.Compensated, w.state(t, sagaOf(err)))
	w.shop.reserve = nil
	_, err = w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
}

// TestOpenBreakerRefusesAtOnce: ten requests met an inventory that is away; the next
// is refused without asking it, and leaves nothing to undo. After half a minute one
// request finds it back.
func TestOpenBreakerRefusesAtOnce(t *testing.T) {
	w := newWorld(t)
	asked := 0
	w.shop.reserve = func(context.Context, func() error) error { asked++; return errors.New("connection refused") }
	open := func(n int) bool {
		_, err := w.issuer.Issue(t.Context(), key(n), request(t, fmt.Sprintf("A-%d", n), "SKU", 1))
		return codeOf(err) == "inventory_unavailable"
	}
	n := 20
	for ; !open(n); n++ {
		require.Less(t, n, 40, "ten open it, or a few more across the edge of a window")
	}
	w.later(time.Second)
	before := asked
	_, err := w.issuer.Issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, before, asked)
	require.Equal(t, saga.Aborted, w.state(t, sagaOf(err)))
	_, err = w.issuer.Issue(t.Context(), key(11), request(t, "A-11", "", 1))
	require.NoError(t, err, "an invoice without a SKU needs no inventory")

	w.shop.reserve = nil
	w.later(30 * time.Second)
	_, err = w.issuer.Issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.NoError(t, err)
}

// TestOwnTimeIsNotTheInventorysFault: requests whose own time is up while they wait
// say nothing of the inventory.
func TestOwnTimeIsNotTheInventorysFault(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.shop.reserve = func(context.Context, func() error) error { cancel(); return ctx.Err() }
	_, err := w.issuer.Issue(ctx, key(1), request(t, "A-1", "SKU", 1))
	require.Error(t, err)
	s, err := breaker.New(w.db, breaker.Config{Table: w.tables.Platform, Name: "inventory"}, w.now).Read(t.Context())
	require.NoError(t, err)
	require.Zero(t, s.Failures)
}

// TestAnswerIsKeptWhileItsAuditIsOwed: a day passes, and the audit is still down. The
// key's record holds the outbox mark, so it must neither expire nor be overwritten.
func TestAnswerIsKeptWhileItsAuditIsOwed(t *testing.T) {
	w := newWorld(t)
	first, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	w.later(25 * time.Hour)
	again, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
	require.Equal(t, saga.Committed, w.state(t, first.SagaID))
	w.recoverAll(t)
	require.Equal(t, saga.Completed, w.state(t, first.SagaID))
	next, err := w.issuer.Issue(t.Context(), key(1), request(t, "", "SKU", 1))
	require.NoError(t, err)
	require.NotEqual(t, first.SagaID, next.SagaID, "now it has expired")
	require.Equal(t, saga.Completed, w.state(t, first.SagaID))
}

// TestOpenBreakerDoesNotForgetWhatACrashReserved: the retry of a crashed run meets an
// open breaker. It sends nothing, but what the first run reserved is given back.
func TestOpenBreakerDoesNotForgetWhatACrashReserved(t *testing.T) {
	w := newWorld(t)
	crashed := w.begunAndReserved(t)
	w.later(16 * time.Second) // its lease is over
	w.shop.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	for n := range 20 { // enough within either of two windows
		_, err := w.issuer.Issue(t.Context(), key(10+n), request(t, fmt.Sprintf("B-%d", n), "SKU", 1))
		require.Error(t, err)
	}
	w.later(time.Second)
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, crashed, sagaOf(err))
	require.Equal(t, saga.Compensated, w.state(t, crashed))
	require.Equal(t, [3]int{10, 0, 0}, w.books(t))
}

// TestLateReserveIsHarmless is promise P8: the inventory's answer was lost, the saga
// was undone, and only then the reservation arrives.
func TestLateReserveIsHarmless(t *testing.T) {
	w := newWorld(t)
	var late func() error
	w.shop.reserve = func(_ context.Context, do func() error) error {
		late = do
		return errors.New("timed out")
	}
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, saga.Compensated, w.state(t, sagaOf(err)))
	require.Error(t, late())
	require.Equal(t, [3]int{10, 0, 0}, w.books(t))
}

func TestStuckSagaIsRedrivenFromWhatFailed(t *testing.T) {
	w := newWorld(t)
	w.shop.broken = true
	w.shop.reserve = func(_ context.Context, do func() error) error {
		require.NoError(t, do())
		return errors.New("reply lost")
	}
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	stuck := sagaOf(err)
	require.Equal(t, saga.Stuck, w.state(t, stuck))
	_, err = w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "compensation_in_progress", codeOf(err), "the key is held")

	found, err := w.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, found, 1)
	w.recoverAll(t)
	again, err := w.sagas.Load(t.Context(), stuck)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, again.State)
	require.Equal(t, 1, again.Redrive, "the next look redrives it")
	w.shop.broken, w.shop.reserve = false, nil
	w.recoverAll(t)
	require.Equal(t, saga.Stuck, w.state(t, stuck), "the one after not before its time")
	w.later(31 * time.Second)
	w.recoverAll(t)
	require.Equal(t, saga.Compensated, w.state(t, stuck))
	require.Equal(t, [3]int{10, 0, 0}, w.books(t))
}

func TestTwoRecoveriesAtOnce(t *testing.T) {
	w := newWorld(t)
	sagaID := w.begunAndReserved(t)
	w.later(time.Minute)
	due, err := w.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _ = w.recoverOne(t.Context(), due[0]) })
	}
	wg.Wait()
	require.Equal(t, saga.Compensated, w.state(t, sagaID))
	require.Equal(t, [3]int{10, 0, 0}, w.books(t))
}

func TestManyClientsManyKeysOneSeries(t *testing.T) {
	w := newWorld(t)
	const n = 10
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, _ = w.issuer.Issue(t.Context(), key(i), request(t, "", "SKU", 1)) })
	}
	wg.Wait()
	all, _, err := w.issuer.Invoices.List(t.Context(), merchantID, "", 100)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, inv := range all {
		seen[inv.InvoiceNumber] = true
	}
	for i := range n {
		require.True(t, seen[fmt.Sprintf("S/2526/%04d", i+1)], "%v", seen)
	}
	require.Equal(t, [3]int{0, 10, 0}, w.books(t))
}

func TestNumberTaken(t *testing.T) {
	w := newWorld(t)
	_, err := w.issuer.Issue(t.Context(), key(1), request(t, "ab-1", "SKU", 1))
	require.NoError(t, err)
	_, err = w.issuer.Issue(t.Context(), key(2), request(t, "AB-1", "SKU", 1))
	require.Equal(t, "invoice_number_taken", codeOf(err))
	require.Equal(t, saga.Compensated, w.state(t, sagaOf(err)))
	require.Equal(t, 1, w.invoices(t))
	require.Equal(t, [3]int{9, 1, 0}, w.books(t))
	_, err = w.issuer.Issue(t.Context(), key(2), request(t, "AB-2", "SKU", 1))
	require.NoError(t, err, "the key may try again, with another number")
}

// TestDelete is the compensation of a commit that landed all the same. That cannot
// happen while the saga's record is the barrier; here the record is bent by hand.
func TestDelete(t *testing.T) {
	for name, tc := range map[string]struct {
		number string
		voided bool
	}{"a number of ours stays, void": {"", true}, "a client's number is free again": {"C-1", false}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			answer, err := w.issuer.Issue(t.Context(), key(1), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			held, err := w.sagas.CompensatingCheck(answer.SagaID)
			require.NoError(t, err)
			_, err = w.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.Error(t, err, "the invoice of a committed saga is out of reach")
			require.Equal(t, 1, w.invoices(t))

			w.bend(t, answer.SagaID)
			outcome, err := w.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.Deleted, outcome)
			outcome, err = w.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.NothingToDelete, outcome, "a second delivery")
			require.Zero(t, w.invoices(t))
			next, err := w.issuer.Issue(t.Context(), key(2), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			require.Equal(t, tc.voided, strings.Contains(string(next.Body), "S/2526/0002"))
		})
	}
}

// bend makes a committed saga look as if it were being undone.
func (w *world) bend(t *testing.T, sagaID string) {
	t.Helper()
	root, _, _ := strings.Cut(sagaID, "-")
	_, err := w.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &w.tables.Platform, Key: idempotency.ItemKey(root), UpdateExpression: aws.String("SET key_state = :held"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":held": &types.AttributeValueMemberS{Value: string(idempotency.Locked)}},
	})
	require.NoError(t, err)
}
