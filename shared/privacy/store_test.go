package privacy_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/privacy"
)

func TestASubjectIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	f := setup(t)
	subject := func(s *privacy.Store, merchant, identifier string) string {
		got, err := s.Subject(t.Context(), merchant, identifier)
		require.NoError(t, err)
		return got
	}
	want := subject(f.Store, merchantID, "29AABCU9603R1ZJ")
	require.Regexp(t, `^[a-z2-7]{32}$`, want)
	require.Equal(t, want, subject(f.Store, merchantID, " 29 aabcu 9603r\t1zj "))
	require.Equal(t, want, subject(f.another(), merchantID, "29AABCU9603R1ZJ"), "on another instance")
	require.NotEqual(t, want, subject(f.Store, "merchant-2", "29AABCU9603R1ZJ"))
	require.NotEqual(t, want, subject(f.Store, merchantID, "29AABCU9603R1ZK"))
	require.NotEqual(t, want, subject(setup(t).Store, merchantID, "29AABCU9603R1ZJ"), "of another deployment")
}

func TestTheSecretIsReadOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 3 {
		_, err := f.Subject(t.Context(), merchantID, "B-1")
		require.NoError(t, err)
	}
	require.Equal(t, []string{"GetItem", "PutItem"}, f.db.Calls())
}

// TestOneSecret: instances that make it at once, and one whose write lost its reply, agree.
func TestOneSecret(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.db.Hook, _ = dynamotest.Nth(1, true)
	_, err := f.Subject(t.Context(), merchantID, "B-1")
	require.ErrorIs(t, err, dynamotest.ErrLost)
	f.db.Hook = nil
	f.sameSubjects(t)
	setup(t).sameSubjects(t)
}

func (f *fixture) sameSubjects(t *testing.T) {
	t.Helper()
	subjects := make([]string, 8)
	var wg sync.WaitGroup
	for i := range subjects {
		wg.Go(func() { subjects[i], _ = f.another().Subject(t.Context(), merchantID, "B-1") })
	}
	wg.Wait()
	for _, s := range subjects {
		require.NotEmpty(t, s)
		require.Equal(t, subjects[0], s)
	}
}

func TestABuyerHasOneKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	none, err := f.Key(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Empty(t, none)
	first, err := f.give(t, "s")
	require.NoError(t, err)
	_, err = f.give(t, "s")
	_, refused := dynamo.ConditionFailedAt(err, 0)
	require.True(t, refused)
	got, err := f.Key(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Equal(t, first, got)
}

// TestAnErasureIsEffectiveOnTime: the item is still there, since DynamoDB deletes it later.
func TestAnErasureIsEffectiveOnTime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.give(t, "s")
	require.NoError(t, err)
	f.end(t, "s", f.clock().Add(time.Second))
	got, err := f.Key(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Equal(t, first, got)
	_, err = f.give(t, "s")
	require.Error(t, err, "before its time")
	f.end(t, "s", f.clock())
	got, err = f.Key(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Empty(t, got)
	second, err := f.give(t, "s")
	require.NoError(t, err)
	got, err = f.Key(t.Context(), merchantID, "s")
	require.NoError(t, err)
	require.Equal(t, second, got)
}
