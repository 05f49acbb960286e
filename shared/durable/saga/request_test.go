package saga_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/problem"
)

var theMessage = saga.Message{ //nolint:gochecknoglobals // a constant
	Key: idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}, Fingerprint: "f",
}

// accept opens the request of theMessage and returns its id.
func (f *fixture) accept(t *testing.T) string {
	t.Helper()
	b, err := f.Accept(t.Context(), theMessage.Key, "f", saga.BeginInput{MerchantID: "m", Reserves: true})
	require.NoError(t, err)
	require.NotEmpty(t, b.Saga.RequestID)
	return b.Saga.RequestID
}

func (f *fixture) requireState(t *testing.T, id string, state saga.State, reason string) saga.Request {
	t.Helper()
	r, err := f.Request(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, state, r.Status)
	require.Equal(t, reason, r.Reason)
	require.Equal(t, id, r.ID)
	return r
}

func (f *fixture) abort(t *testing.T, b saga.BeginResult, reason string) {
	t.Helper()
	require.NoError(t, f.Abort(t.Context(), b, done(step.Reserve), reason))
}

func (f *fixture) commit(t *testing.T, b saga.BeginResult) {
	t.Helper()
	item, err := f.Commit(b, saga.CommitInput{InvoiceID: "i", Number: "A-1", Status: 201, Compressed: []byte("x")},
		done(step.Reserve, step.Create))
	require.NoError(t, err)
	_, err = f.db.TransactWriteItems(t.Context(),
		&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item}})
	require.NoError(t, err)
}

// TestARequestIsFollowedThroughItsAttempts is promise P11: what the caller of a 202 is told is
// final only when it is.
func TestARequestIsFollowedThroughItsAttempts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.accept(t)
	accepted := f.clock
	f.requireState(t, id, saga.Queued, "")
	f.advance(10 * time.Minute)
	require.Empty(t, f.due(t), "recovery leaves it to its message")

	next := f.clock.Add(6 * time.Second)
	require.NoError(t, f.Retry(t.Context(), theMessage, "temporarily_unavailable", next))
	r := f.requireState(t, id, saga.Retrying, "temporarily_unavailable")
	require.Equal(t, next.UnixMilli(), r.LastFailure.Next)

	first := f.begin(t)
	require.Equal(t, id, first.Saga.SagaID)
	require.False(t, first.Claim.Resumed)
	f.requireState(t, id, saga.Begun, "temporarily_unavailable")
	f.abort(t, first, "inventory_unavailable")
	f.requireState(t, id, saga.Retrying, "temporarily_unavailable")
	require.NoError(t, f.Retry(t.Context(), theMessage, "inventory_unavailable", next))
	f.requireState(t, id, saga.Retrying, "inventory_unavailable")

	second := f.begin(t)
	require.NotEqual(t, id, second.Saga.SagaID)
	f.commit(t, second)
	require.NoError(t, f.Complete(t.Context(), second.Saga.SagaID, done(step.Audit)...))
	r = f.requireState(t, id, saga.Completed, "")
	require.Equal(t, []string{id, second.Saga.SagaID}, r.Attempts)
	require.Equal(t, "A-1", r.Number)
	require.Equal(t, accepted.UnixMilli(), r.BegunAt)
	require.Len(t, r.Steps, 4, "the timeline of both attempts")

	f.advance(89 * 24 * time.Hour)
	f.requireState(t, id, saga.Completed, "")
}

func TestARefusedRequestHasEnded(t *testing.T) {
	t.Parallel()
	refusal := &problem.Error{
		Kind: problem.Conflict, Code: "out_of_stock", Fields: []problem.FieldError{{Field: "items[0]"}},
	}
	for name, attempt := range map[string]func(*testing.T, *fixture){
		"before an attempt": func(*testing.T, *fixture) {},
		"by an attempt":     func(t *testing.T, f *fixture) { t.Helper(); f.abort(t, f.begin(t), "out_of_stock") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.accept(t)
			attempt(t, f)
			require.NoError(t, f.RefuseRequest(t.Context(), theMessage, refusal))
			r := f.requireState(t, id, saga.Aborted, "out_of_stock")
			e, err := r.LastFailure.Problem()
			require.NoError(t, err)
			require.Equal(t, refusal.Fields, e.Fields)
			require.Equal(t, []string{"aborted"}, f.ended)
			f.advance(20 * 24 * time.Hour)
			require.Empty(t, f.due(t))

			f.abort(t, f.begin(t), "inventory_unavailable")
			f.requireState(t, id, saga.Aborted, "out_of_stock")
			require.Equal(t, id, f.accept(t), "the same request, sent again")
			f.requireState(t, id, saga.Queued, "")
		})
	}
}

func TestADeadLetteredRequestHasNotEnded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.accept(t)
	require.NoError(t, f.DeadLetter(t.Context(), theMessage, "temporarily_unavailable"))
	f.requireState(t, id, saga.DeadLettered, "temporarily_unavailable")
	f.advance(20 * 24 * time.Hour)
	f.requireState(t, id, saga.DeadLettered, "temporarily_unavailable")
	f.commit(t, f.begin(t)) // an operator redrives the message
	require.Len(t, f.requireState(t, id, saga.Committed, "").Attempts, 2)
}

// TestARequestWithoutAMessageEnds: SQS keeps a message for 14 days.
func TestARequestWithoutAMessageEnds(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.accept(t)
	f.advance(14*24*time.Hour + time.Second)
	due := f.due(t)
	require.Len(t, due, 1)
	_, err := f.Abandon(t.Context(), due[0], due[0].Owed())
	require.NoError(t, err)
	f.requireState(t, id, saga.Aborted, "abandoned")
}

func TestAnotherRequestsMessageIsNotRecorded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.accept(t)
	other := theMessage
	other.Fingerprint = "g"
	require.NoError(t, f.RefuseRequest(t.Context(), other, &problem.Error{Code: "idempotency_key_reused"}))
	f.requireState(t, id, saga.Queued, "")
	other.Key.ID = "00000000-0000-4000-8000-000000000002"
	require.NoError(t, f.DeadLetter(t.Context(), other, "x"), "a message that was sent to the queue directly")
}

// TestARunningSagaBecomesAnAttempt: a caller waits for the answer, and another one sends the
// same request to be answered later. The first attempt fails.
func TestARunningSagaBecomesAnAttempt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.begin(t)
	id := f.accept(t)
	require.Equal(t, first.Saga.SagaID, id)
	f.abort(t, first, "inventory_unavailable")
	f.requireState(t, id, saga.Retrying, "inventory_unavailable")
	second := f.begin(t)
	require.Equal(t, []string{id, second.Saga.SagaID}, f.requireState(t, id, saga.Begun, "").Attempts)
}

// TestATakenOverAttemptIsDueSoon: an accepted request is due in 14 days, its attempts are not.
func TestATakenOverAttemptIsDueSoon(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.accept(t)
	f.begin(t)
	f.advance(20 * time.Second)
	require.Len(t, f.due(t), 1)
}

func (f *fixture) advance(d time.Duration) { f.clock = f.clock.Add(d) }

func (f *fixture) due(t *testing.T) []saga.Record {
	t.Helper()
	due, err := f.Due(t.Context(), 10)
	require.NoError(t, err)
	return due
}
