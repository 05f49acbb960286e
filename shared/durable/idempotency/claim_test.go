package idempotency_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

func TestFirstClaimWinsInOneCall(t *testing.T) {
	t.Parallel()
	f := setup(t)
	res := f.claim(t, fingerprint)
	require.Equal(t, idempotency.Acquired, res.Status)
	require.False(t, res.Claim.Resumed)
	require.Equal(t, dynamo.S("extra"), res.Item["note"])
	require.Equal(t, []string{"PutItem"}, f.db.Calls())
}

func TestReplayCostsOneCall(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, `{"a":1}`))
	f.db.Forget()
	res := f.claim(t, fingerprint)
	require.Equal(t, idempotency.Replay, res.Status)
	require.Equal(t, []string{"PutItem"}, f.db.Calls())
	require.Equal(t, `{"a":1}`, answer(t, f.key, res))
	require.Equal(t, 201, res.Record.Status)
}

func TestOtherPayloadIsAMismatch(t *testing.T) {
	t.Parallel()
	f := setup(t)
	claim := f.claim(t, fingerprint).Claim
	require.Equal(t, idempotency.Mismatch, f.claim(t, "other").Status, "while it runs")
	require.True(t, f.complete(t, claim, "x"))
	require.Equal(t, idempotency.Mismatch, f.claim(t, "other").Status, "after it is answered")
}

// TestAKeyIsRememberedLongerThanItsAnswer: a queue or a dead letter queue may keep a copy of the
// request for weeks, which must not have a second effect.
func TestAKeyIsRememberedLongerThanItsAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.complete(t, f.claim(t, fingerprint).Claim, "x"))
	f.advance(24*time.Hour - time.Millisecond)
	require.Equal(t, idempotency.Replay, f.claim(t, fingerprint).Status)
	f.advance(time.Millisecond)
	require.Equal(t, idempotency.Expired, f.claim(t, fingerprint).Status)
	require.Equal(t, idempotency.Mismatch, f.claim(t, "other").Status)
	left := time.Unix(f.claim(t, fingerprint).Record.TTL, 0).Sub(f.clock)
	require.InDelta(t, 34*24, left.Hours(), 1, "DynamoDB may delete the record 35 days after the answer")
	f.advance(100 * 24 * time.Hour)
	require.Equal(t, idempotency.Expired, f.claim(t, fingerprint).Status, "it is deleted late")
}

func TestAClaimOfAReleasedKeyKeepsAttributes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	attrs := idempotency.Attributes{
		New:  dynamo.Item{"run": dynamo.S("new")},
		Keep: func(released dynamo.Item) dynamo.Item { return dynamo.Item{"last": released["run"]} },
	}
	first, err := f.Claim(t.Context(), f.key, fingerprint, attrs)
	require.NoError(t, err)
	require.NotContains(t, first.Item, "last")
	require.True(t, f.send(t, f.Release(first.Claim)))
	second, err := f.Claim(t.Context(), f.key, fingerprint, attrs)
	require.NoError(t, err)
	require.Equal(t, dynamo.S("new"), second.Item["last"])
	require.True(t, f.send(t, f.Release(second.Claim)))
	third, err := f.Claim(t.Context(), f.key, "other", attrs)
	require.NoError(t, err)
	require.NotContains(t, third.Item, "last", "another payload is another request")
}

func TestATakeOverRenewsAttributes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	attrs := func(due string) idempotency.Attributes {
		return idempotency.Attributes{
			New: dynamo.Item{"until": dynamo.S(due), "note": dynamo.S(due)}, Renew: []string{"until"},
		}
	}
	_, err := f.Claim(t.Context(), f.key, fingerprint, attrs("1"))
	require.NoError(t, err)
	f.advance(time.Minute)
	res, err := f.Claim(t.Context(), f.key, fingerprint, attrs("2"))
	require.NoError(t, err)
	require.True(t, res.Claim.Resumed)
	require.Equal(t, dynamo.S("2"), res.Item["until"])
	require.Equal(t, dynamo.S("1"), res.Item["note"])
}

func TestRunningClaimIsInProgressUntilItsLeaseExpires(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.claim(t, fingerprint).Claim
	f.advance(15*time.Second - time.Millisecond)
	require.Equal(t, idempotency.InProgress, f.claim(t, fingerprint).Status)
	f.advance(time.Millisecond)
	res := f.claim(t, fingerprint)
	require.Equal(t, idempotency.Acquired, res.Status)
	require.True(t, res.Claim.Resumed, "an earlier owner has begun")
	require.Greater(t, res.Claim.Fence, first.Fence)
}

// TestLateWriterIsRefused covers a fault of other libraries: a late first run overwrites the
// answer of a newer run.
func TestLateWriterIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	late := f.claim(t, fingerprint).Claim
	f.advance(time.Minute)
	newer := f.claim(t, fingerprint).Claim
	require.False(t, f.complete(t, late, "late"), "while the newer one runs")
	require.True(t, f.complete(t, newer, "newer"))
	require.False(t, f.complete(t, late, "late"), "after it has answered")
	require.Equal(t, "newer", answer(t, f.key, f.claim(t, fingerprint)))
}

// TestLateFailureIsRefused covers another fault of other libraries: a late failure deletes the
// answer of a newer run, and the key runs again.
func TestLateFailureIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	late := f.claim(t, fingerprint).Claim
	f.advance(time.Minute)
	newer := f.claim(t, fingerprint).Claim
	require.False(t, f.send(t, f.Release(late)))
	require.False(t, f.send(t, f.Lock(late)))
	require.True(t, f.complete(t, newer, "newer"))
	require.False(t, f.send(t, f.Release(late)))
	require.Equal(t, idempotency.Replay, f.claim(t, fingerprint).Status)
}

func TestReleasedKeyStartsFromTheBeginning(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.send(t, f.Release(f.claim(t, fingerprint).Claim)))
	res := f.claim(t, "another payload")
	require.Equal(t, idempotency.Acquired, res.Status)
	require.False(t, res.Claim.Resumed)
}

func TestLockedKeyIsNotClaimedUntilUnlocked(t *testing.T) {
	t.Parallel()
	f := setup(t)
	claim := f.claim(t, fingerprint).Claim
	require.True(t, f.send(t, f.Lock(claim)))
	f.advance(time.Hour)
	require.Equal(t, idempotency.Compensating, f.claim(t, fingerprint).Status, "however long it takes")
	require.False(t, f.complete(t, claim, "late"), "the fence refuses a late commit")
	require.True(t, f.send(t, f.Unlock(claim.KeyHash)))
	require.Equal(t, idempotency.Acquired, f.claim(t, fingerprint).Status)
}

func TestOpenedKeyIsAcquiredByTheFirstClaim(t *testing.T) {
	t.Parallel()
	f := setup(t)
	res, err := f.Open(t.Context(), f.key, fingerprint, idempotency.Attributes{})
	require.NoError(t, err)
	require.Equal(t, idempotency.Acquired, res.Status)
	again, err := f.Open(t.Context(), f.key, fingerprint, idempotency.Attributes{})
	require.NoError(t, err)
	require.Equal(t, idempotency.InProgress, again.Status, "Open does not run the work")
	require.False(t, f.claim(t, fingerprint).Claim.Resumed, "no owner has worked on it")
	f.advance(time.Minute)
	require.True(t, f.claim(t, fingerprint).Claim.Resumed)
}

// copier keeps the last PutItem request, to deliver it again as a network may do.
type copier struct {
	*dynamotest.Faults
	last *dynamodb.PutItemInput
}

func (c *copier) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	c.last = in
	return c.Faults.PutItem(ctx, in, o...)
}

func TestLateCopyOfAClaimIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	network := &copier{Faults: f.db}
	store := idempotency.New(network, idempotency.Config{Table: f.table}, f.now)
	for range 2 { // the first claim of a key, and the claim of a released key
		res, err := store.Claim(t.Context(), f.key, fingerprint, idempotency.Attributes{})
		require.NoError(t, err)
		require.Equal(t, idempotency.Acquired, res.Status)
		require.True(t, f.send(t, f.Release(res.Claim)))
		_, err = f.db.PutItem(t.Context(), network.last)
		require.True(t, dynamo.ConditionFailed(err), "its run has ended")
	}
}

func TestLeaseEndsBeforeTheCallersTime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	res, err := f.Claim(ctx, f.key, fingerprint, idempotency.Attributes{})
	require.NoError(t, err)
	require.LessOrEqual(t, res.Claim.Until.Sub(f.clock), 2*time.Second-200*time.Millisecond)
}

func TestLostWritesAndRepliesAreResolved(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		t.Run("claim, "+name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			res := f.claim(t, fingerprint)
			require.Equal(t, idempotency.Acquired, res.Status, "it recognises its own record")
			require.False(t, res.Claim.Resumed)
			require.True(t, f.complete(t, res.Claim, "x"))
		})
		t.Run("takeover, "+name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.claim(t, fingerprint)
			f.advance(time.Minute)
			f.db.Hook, _ = dynamotest.Nth(2, applied)
			res := f.claim(t, fingerprint)
			require.Equal(t, idempotency.Acquired, res.Status)
			require.True(t, res.Claim.Resumed)
			require.True(t, f.complete(t, res.Claim, "x"))
		})
	}
}

func TestDuplicateWaitsAndSharesTheAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	live := f.live()
	first, err := live.Claim(t.Context(), f.key, fingerprint, idempotency.Attributes{})
	require.NoError(t, err)
	shared := make(chan idempotency.Result, 1)
	go func() {
		limits := idempotency.WaitLimits{InProgress: 5 * time.Second}
		res, _ := live.ClaimOrWait(t.Context(), f.key, fingerprint, idempotency.Attributes{}, limits)
		shared <- res
	}()
	time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the duplicate waits meanwhile
	require.True(t, f.send(t, completion(t, live, first.Claim, "answer")))
	res := <-shared
	require.Equal(t, idempotency.Replay, res.Status)
	require.Equal(t, "answer", answer(t, f.key, res))
}

func TestWaitLimits(t *testing.T) {
	t.Parallel()
	f := setup(t)
	live := f.live()
	first, err := live.Claim(t.Context(), f.key, fingerprint, idempotency.Attributes{})
	require.NoError(t, err)
	limits := idempotency.WaitLimits{InProgress: 50 * time.Millisecond}
	res, err := live.ClaimOrWait(t.Context(), f.key, fingerprint, idempotency.Attributes{}, limits)
	require.NoError(t, err)
	require.Equal(t, idempotency.InProgress, res.Status)
	require.True(t, f.send(t, live.Lock(first.Claim)))
	limits = idempotency.WaitLimits{Compensating: 50 * time.Millisecond}
	res, err = live.ClaimOrWait(t.Context(), f.key, fingerprint, idempotency.Attributes{}, limits)
	require.NoError(t, err)
	require.Equal(t, idempotency.Compensating, res.Status)
}

func TestReleaseExpiredTakesOnlyAnUnchangedExpiredRecord(t *testing.T) {
	t.Parallel()
	f := setup(t)
	res := f.claim(t, fingerprint)
	require.False(t, f.LeaseExpired(res.Record))
	lock := func(r idempotency.Record) bool {
		return f.send(t, f.ReleaseExpired(res.Claim.KeyHash, r, idempotency.Locked))
	}
	require.False(t, lock(res.Record), "its owner may still work")
	f.advance(time.Minute)
	newer := f.claim(t, fingerprint)
	require.False(t, lock(res.Record), "another owner has taken over")
	f.advance(time.Minute)
	require.True(t, lock(newer.Record))
}

func TestUnknownRecordIsAnError(t *testing.T) {
	t.Parallel()
	f := setup(t)
	item := idempotency.ItemKey(f.key.Hash())
	item["from_another_version"] = dynamo.S("x")
	_, err := f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(f.table), Item: item})
	require.NoError(t, err)
	_, err = f.Claim(t.Context(), f.key, fingerprint, idempotency.Attributes{})
	require.ErrorContains(t, err, "key_state")
}
