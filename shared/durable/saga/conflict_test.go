package saga_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// setupContended returns a fixture whose writes meet transactions, as on AWS. A transaction
// holds its items for 40 ms.
func setupContended(t *testing.T) (*fixture, *conflict.Transport) {
	t.Helper()
	f := setup(t)
	client, transport := dynamotest.ConflictingClient(t, 20*time.Millisecond, 20*time.Millisecond)
	f.db.Client = client
	return f, transport
}

// hold sends a transaction whose caller stops waiting at once, and returns while it holds its
// item.
func (f *fixture) hold(t *testing.T, transport *conflict.Transport, item types.TransactWriteItem) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		in := &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item}}
		_, _ = f.db.Client.TransactWriteItems(ctx, in)
	}()
	require.Eventually(t, func() bool { return transport.Held() > 0 }, 10*time.Second, time.Millisecond)
	cancel()
}

// TestAnOwnersWriteThatMeetsATransactionSucceedsAfterIt: the transaction is one that only reads
// the record, as that of Delete Invoice does.
func TestAnOwnersWriteThatMeetsATransactionSucceedsAfterIt(t *testing.T) {
	t.Parallel()
	owed := saga.RunResult{Pending: []string{step.Release}}
	for name, tc := range map[string]struct {
		write func(*fixture, context.Context, saga.BeginResult) error
		state saga.State
	}{
		"Abort": {func(f *fixture, ctx context.Context, b saga.BeginResult) error {
			return f.Abort(ctx, b, nil, "out_of_stock")
		}, saga.Aborted},
		"Compensate": {func(f *fixture, ctx context.Context, b saga.BeginResult) error {
			_, err := f.Compensate(ctx, b, owed, "failed")
			return err
		}, saga.Compensating},
		"Postpone": {func(f *fixture, ctx context.Context, b saga.BeginResult) error {
			return f.Postpone(ctx, b.Saga, f.clock.Add(time.Hour))
		}, saga.Begun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, transport := setupContended(t)
			b := f.begin(t)
			check, err := dynamo.TransactCheck(f.table, idempotency.ItemKey(b.Claim.KeyHash), dynamo.Absent().Not())
			require.NoError(t, err)
			f.hold(t, transport, check)
			require.NoError(t, tc.write(f, t.Context(), b))
			r, err := f.Load(t.Context(), b.Saga.SagaID)
			require.NoError(t, err)
			require.Equal(t, tc.state, r.State)
		})
	}
}

// TestCompensationMeetsItsOwnersCommit: the commit's reply came too late, and the commit has
// not taken effect yet when its owner moves the saga to compensation.
func TestCompensationMeetsItsOwnersCommit(t *testing.T) {
	t.Parallel()
	f, transport := setupContended(t)
	b := f.begin(t)
	commit, err := f.Commit(b, saga.CommitInput{InvoiceID: "i", Status: 201}, done(step.Create))
	require.NoError(t, err)
	f.hold(t, transport, commit)
	_, err = f.Compensate(t.Context(), b, saga.RunResult{Pending: []string{step.Release}}, "timeout")
	require.ErrorIs(t, err, saga.ErrCommitted)
}
