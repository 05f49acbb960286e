package privacy_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/privacy"
)

// endKey ends a buyer's key.
func (f *fixture) endKey(t *testing.T, subject, keyID string, at time.Time) error {
	t.Helper()
	items, err := f.EndKey(merchantID, subject, keyID, at)
	require.NoError(t, err)
	return dynamo.Transact(t.Context(), f.db, items...)
}

// erasedAt returns the mark of a key, in Unix seconds; empty if there is none.
func (f *fixture) erasedAt(t *testing.T, subject, keyID string) string {
	t.Helper()
	out, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.table, Key: dynamo.Key("SUBJECT#"+merchantID+"#"+subject, "ERASED#"+keyID),
		ConsistentRead: aws.Bool(true),
	})
	require.NoError(t, err)
	return dynamo.Number(out.Item["erased_at"])
}

func TestEndKeyAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k, err := f.give(t, "s")
	require.NoError(t, err)
	require.NoError(t, f.endKey(t, "s", k.ID(), f.clock()))
	state, err := f.State(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Equal(t, privacy.State{}, state)
	require.Equal(t, strconv.FormatInt(f.clock().Unix(), 10), f.erasedAt(t, "s", k.ID()))
	require.Error(t, f.endKey(t, "s", k.ID(), f.clock()), "there is none any more")
}

// TestEndKeyLeavesAnotherKey: the buyer's key was ended and another one made meanwhile.
func TestEndKeyLeavesAnotherKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k, err := f.give(t, "s")
	require.NoError(t, err)
	former := privacy.NewKey().ID()
	for _, at := range []time.Time{f.clock(), f.clock().Add(time.Hour)} {
		require.Error(t, f.endKey(t, "s", former, at))
		state, err := f.State(t.Context(), merchantID, "s")
		require.NoError(t, err)
		require.Equal(t, privacy.State{ID: k.ID()}, state)
		require.Empty(t, f.erasedAt(t, "s", former))
	}
}

func TestEndKeyLaterAndKeepIt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k, err := f.give(t, "s")
	require.NoError(t, err)
	due := f.clock().Add(time.Hour)
	require.NoError(t, f.endKey(t, "s", k.ID(), due.Add(-time.Millisecond)))
	state, err := f.State(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Equal(t, k.ID(), state.ID)
	require.True(t, due.Equal(state.Ends), "rounded up")
	keep := func() error {
		items, err := f.KeepKey(merchantID, "s", k.ID())
		require.NoError(t, err)
		return dynamo.Transact(t.Context(), f.db, items...)
	}
	require.NoError(t, keep())
	require.Empty(t, f.erasedAt(t, "s", k.ID()))
	state, err = f.State(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.True(t, state.Ends.IsZero())

	require.NoError(t, f.endKey(t, "s", k.ID(), due))
	f.mu.Lock()
	f.now = due
	f.mu.Unlock()
	require.Error(t, keep(), "it is effective")
	state, err = f.State(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Empty(t, state.ID)
}
