package issuance_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/issuance"
)

// actor returns the actor of a saga.
func (f *fixture) actor(t *testing.T, sagaID string) string {
	t.Helper()
	r, err := f.sagas.Load(t.Context(), sagaID)
	require.NoError(t, err)
	return r.Actor
}

// TestActorOfAnAcceptedRequest: the message does not name the client, and needs not to.
func TestActorOfAnAcceptedRequest(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req := request(t, "A-1", "SKU", 3)
	queued := direct(t).SentBy("AROA1:create-invoice")
	accepted, err := f.issuer.Accept(t.Context(), issuance.Client("cl_1"), key(1), req, []byte(`{}`))
	require.NoError(t, err)

	f.services.reserve, f.issuer.Limits.Inventory = unreachable, 10*time.Millisecond
	_, err = f.issuer.Issue(t.Context(), queued, key(1), req)
	require.Error(t, err)
	require.Equal(t, saga.Compensated, f.state(t, accepted.SagaID))
	require.Equal(t, "cl_1", f.actor(t, accepted.SagaID), "of the saga in the archive")

	_, err = f.issuer.Issue(t.Context(), queued, key(1), req)
	require.Equal(t, "cl_1", f.actor(t, sagaOf(err)), "of the next attempt")
	_, err = f.issuer.Issue(t.Context(), issuance.Client("cl_2"), key(1), req)
	require.Equal(t, "cl_2", f.actor(t, sagaOf(err)), "a caller is the actor of its own attempt")

	f.services.reserve, f.issuer.Limits.Inventory = nil, time.Second
	result, err := f.issuer.Issue(t.Context(), queued, key(1), req)
	require.NoError(t, err)
	require.Equal(t, "cl_2", f.actor(t, result.SagaID))
}

// TestNoMessageBorrowsAClient: a key that a client used names the client for the client's payload alone.
func TestNoMessageBorrowsAClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issuer.Accept(t.Context(), issuance.Client("cl_1"), key(1), request(t, "A-1", "SKU", 99_999), []byte(`{}`))
	require.NoError(t, err)
	queued := direct(t).SentBy("AROA2:stranger")
	_, err = f.issuer.Issue(t.Context(), queued, key(1), request(t, "A-1", "SKU", 99_999))
	require.Equal(t, "out_of_stock", codeOf(err))
	result, err := f.issuer.Issue(t.Context(), queued, key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.Equal(t, "queue:AROA2", f.actor(t, result.SagaID))
}

// TestAnotherClientsRetryIsAReplay: who asks is not part of the request.
func TestAnotherClientsRetryIsAReplay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issuer.Issue(t.Context(), issuance.Client("cl_1"), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	again, err := f.issuer.Issue(t.Context(), issuance.Client("cl_2"), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, "cl_1", f.actor(t, first.SagaID))
}

// TestRecoveryKeepsTheActor: another client takes over what the first one left.
func TestRecoveryKeepsTheActor(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.noStateMachine = true
	f.services.reserve, f.issuer.Limits.Inventory = unreachable, 10*time.Millisecond
	_, err := f.issuer.Issue(t.Context(), issuance.Client("cl_1"), key(1), request(t, "A-1", "SKU", 1))
	require.Error(t, err)
	f.services.noStateMachine = false
	f.advance(time.Minute)
	f.recoverAll(t)
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Equal(t, "cl_1", f.actor(t, sagaOf(err)))
}

// unreachable is an inventory that cannot be called.
func unreachable(context.Context, func() error) error { return errors.New("connection refused") }

func TestAnUnknownActorIsNotStored(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issuer.Issue(t.Context(), issuance.Client(""), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	item, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.tables.Platform, Key: idempotency.ItemKey(key(1).Hash()),
	})
	require.NoError(t, err)
	require.Contains(t, item.Item, "merchant_id")
	require.NotContains(t, item.Item, "actor", "records are as before")
}
