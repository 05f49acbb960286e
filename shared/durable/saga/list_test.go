package saga_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/problem"
)

// beginNth opens a saga of merchant m under the nth key, a second after the last.
func (f *fixture) beginNth(t *testing.T, n int) saga.BeginResult {
	t.Helper()
	f.clock = f.clock.Add(time.Second)
	key := idempotency.Key{Scope: "m", ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
	o, err := f.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m", Reserves: true}, idempotency.WaitLimits{})
	require.NoError(t, err)
	require.True(t, o.Fresh)
	return o
}

// compensatingNth leaves the nth saga COMPENSATING.
func (f *fixture) compensatingNth(t *testing.T, n int) saga.Record {
	t.Helper()
	r, err := f.Compensate(t.Context(), f.beginNth(t, n), saga.RunResult{Pending: []string{step.Release}}, "failed")
	require.NoError(t, err)
	return r
}

// remove removes an attribute from a saga's current record.
func (f *fixture) remove(t *testing.T, sagaID, attribute string) {
	t.Helper()
	keyHash, _, _ := strings.Cut(sagaID, "-")
	_, err := f.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.table, Key: idempotency.ItemKey(keyHash), UpdateExpression: aws.String("REMOVE " + attribute),
	})
	require.NoError(t, err)
}

// listed returns the sagas of all pages, as `STATE reason`, and the number of pages.
func (f *fixture) listed(t *testing.T, q saga.Query) (states []string, pages int) {
	t.Helper()
	q.MerchantID = "m"
	for {
		found, next, err := f.List(t.Context(), q)
		require.NoError(t, err)
		for _, r := range found {
			states = append(states, string(r.State)+" "+r.Reason)
		}
		pages++
		if q.Cursor = next; next == "" {
			return states, pages
		}
	}
}

// TestOnlySagasThatNeedAttentionAreListed: each once, the last begun first, in its state now.
func TestOnlySagasThatNeedAttentionAreListed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.beginNth(t, 1) // still running
	require.NoError(t, f.Abort(t.Context(), f.beginNth(t, 2), nil, "out_of_stock"))
	stuck := f.compensatingNth(t, 3)
	_, err := f.Settle(t.Context(), stuck.SagaID, 0, nil)
	require.NoError(t, err)
	undone := f.compensatingNth(t, 4)
	_, err = f.Settle(t.Context(), undone.SagaID, 0, done(step.Release))
	require.NoError(t, err)
	f.compensatingNth(t, 5)

	all := []string{"COMPENSATING failed", "COMPENSATED failed", "STUCK failed", "ABORTED out_of_stock"}
	states, _ := f.listed(t, saga.Query{Limit: 10})
	require.Equal(t, all, states)
	states, pages := f.listed(t, saga.Query{Limit: 1})
	require.Equal(t, all, states)
	require.Equal(t, 5, pages, "a full last page has a cursor too")
	for n, state := range []saga.State{saga.Compensating, saga.Compensated, saga.Stuck, saga.Aborted} {
		states, _ := f.listed(t, saga.Query{State: state, Limit: 10})
		require.Equal(t, all[n:n+1], states)
	}
	found, _, err := f.List(t.Context(), saga.Query{MerchantID: "other", Limit: 10})
	require.NoError(t, err)
	require.Empty(t, found)
}

// TestASagaThatIsRedrivenStaysOneEntry: until it ends, and when its key begins another one.
func TestASagaThatIsRedrivenStaysOneEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensatingNth(t, 1)
	stuck, err := f.Settle(t.Context(), r.SagaID, 0, nil)
	require.NoError(t, err)
	_, err = f.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	states, _ := f.listed(t, saga.Query{Limit: 10})
	require.Equal(t, []string{"COMPENSATING failed"}, states)
	_, err = f.Settle(t.Context(), r.SagaID, 1, done(step.Release))
	require.NoError(t, err)
	found, _, err := f.List(t.Context(), saga.Query{MerchantID: "m", Limit: 10})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, saga.Compensated, found[0].State)
	require.Equal(t, f.clock.UnixMilli(), found[0].EndedAt)
	require.Equal(t, 1, found[0].Redrive)
	f.beginNth(t, 1)
	states, _ = f.listed(t, saga.Query{Limit: 10})
	require.Equal(t, []string{"COMPENSATED failed"}, states, "the saga that runs now is not listed")
}

// TestASagaOfAReleasedVersionIsListedOnceRedriven: it was stuck before the list existed.
func TestASagaOfAReleasedVersionIsListedOnceRedriven(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensatingNth(t, 1)
	stuck, err := f.Settle(t.Context(), r.SagaID, 0, nil)
	require.NoError(t, err)
	f.remove(t, r.SagaID, "attention")
	states, _ := f.listed(t, saga.Query{Limit: 10})
	require.Empty(t, states)
	_, err = f.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	states, _ = f.listed(t, saga.Query{Limit: 10})
	require.Equal(t, []string{"COMPENSATING failed"}, states)
}

func TestSagaCursorsBelongToOneQuery(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.compensatingNth(t, 1)
	f.compensatingNth(t, 2)
	_, cursor, err := f.List(t.Context(), saga.Query{MerchantID: "m", Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, cursor)
	forged := func(position string) saga.Query {
		return saga.Query{MerchantID: "m", Cursor: listing.Cursor("m\n", position), Limit: 1}
	}
	for name, q := range map[string]saga.Query{
		"another merchant":      {MerchantID: "n", Cursor: cursor, Limit: 1},
		"a state":               {MerchantID: "m", State: saga.Stuck, Cursor: cursor, Limit: 1},
		"forged":                forged("x"),
		"forged, without times": forged("x#" + "abcdefghijklmnopqrstuvwxyz" + "#CURRENT"),
		"forged, without key":   forged("1##CURRENT"),
		"forged, without sort":  forged("1#abcdefghijklmnopqrstuvwxyz#"),
	} {
		_, _, err := f.List(t.Context(), q)
		require.ErrorIs(t, err, &problem.Error{Code: "cursor_invalid"}, name)
	}
}
