package idempotency_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

const print = "fingerprint"

// bench is a store on a table of its own, with a clock that tests move.
type bench struct {
	*idempotency.Store
	db    *dynamotest.Faults
	table string
	clock *time.Time
	key   idempotency.Key
}

func newBench(t *testing.T) bench {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	table := dynamotest.Tables(t, db.Client).Platform
	store := idempotency.New(db, idempotency.Config{Table: table}, func() time.Time { return clock })
	return bench{store, db, table, &clock, idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}}
}

func (b bench) claim(t *testing.T, fingerprint string) idempotency.Result {
	t.Helper()
	f, err := b.Claim(t.Context(), b.key, fingerprint, dynamo.Item{"note": &types.AttributeValueMemberS{Value: "beside"}})
	require.NoError(t, err)
	return f
}

// send writes a change alone, and tells whether it was taken.
func (b bench) send(t *testing.T, c idempotency.Change) bool {
	t.Helper()
	item, err := c.InTransaction(b.table)
	require.NoError(t, err)
	_, err = b.db.Client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item}})
	if _, refused := dynamo.ConditionFailedAt(err, 0); refused {
		return false
	}
	require.NoError(t, err)
	return true
}

func (b bench) answer(t *testing.T, c idempotency.Claim, body string) bool {
	t.Helper()
	packed, err := idempotency.Compress([]byte(body))
	require.NoError(t, err)
	return b.send(t, b.Complete(c, 201, packed))
}

func (b bench) later(d time.Duration) { *b.clock = b.clock.Add(d) }

func TestFirstClaimWinsInOneCall(t *testing.T) {
	b := newBench(t)
	f := b.claim(t, print)
	require.Equal(t, idempotency.Acquired, f.Status)
	require.False(t, f.Claim.Resumed)
	require.Equal(t, "beside", f.Item["note"].(*types.AttributeValueMemberS).Value)
	require.Equal(t, []string{"PutItem"}, b.db.Calls())
}

func TestReplayCostsOneCall(t *testing.T) {
	b := newBench(t)
	require.True(t, b.answer(t, b.claim(t, print).Claim, `{"a":1}`))
	b.db.Forget()
	f := b.claim(t, print)
	require.Equal(t, idempotency.Replay, f.Status)
	require.Equal(t, []string{"PutItem"}, b.db.Calls())
	body, err := idempotency.Decompress(f.Record.Body)
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, string(body))
	require.Equal(t, 201, f.Record.Status)
}

func TestOtherPayloadIsAMismatch(t *testing.T) {
	b := newBench(t)
	claim := b.claim(t, print).Claim
	require.Equal(t, idempotency.Mismatch, b.claim(t, "other").Status, "while it runs")
	require.True(t, b.answer(t, claim, "x"))
	require.Equal(t, idempotency.Mismatch, b.claim(t, "other").Status, "after it was answered")
}

func TestAnswerExpiresByTheConditionNotByTTL(t *testing.T) {
	b := newBench(t)
	require.True(t, b.answer(t, b.claim(t, print).Claim, "x"))
	b.later(24*time.Hour - time.Millisecond)
	require.Equal(t, idempotency.Replay, b.claim(t, print).Status)
	b.later(time.Millisecond)
	require.Equal(t, idempotency.Acquired, b.claim(t, "other").Status, "the item is still in the table")
}

func TestRunningClaimIsBusyUntilItsLeaseEnds(t *testing.T) {
	b := newBench(t)
	first := b.claim(t, print).Claim
	b.later(15*time.Second - time.Millisecond)
	require.Equal(t, idempotency.InProgress, b.claim(t, print).Status)
	b.later(time.Millisecond)
	f := b.claim(t, print)
	require.Equal(t, idempotency.Acquired, f.Status)
	require.True(t, f.Claim.Resumed, "from where the first left it")
	require.Greater(t, f.Claim.Fence, first.Fence)
}

// The fault of other libraries: a late first run overwrites a newer run's answer.
func TestLateWriterIsRefused(t *testing.T) {
	b := newBench(t)
	late := b.claim(t, print).Claim
	b.later(time.Minute)
	newer := b.claim(t, print).Claim
	require.False(t, b.answer(t, late, "late"), "while the newer one runs")
	require.True(t, b.answer(t, newer, "newer"))
	require.False(t, b.answer(t, late, "late"), "after it has answered")
	body, err := idempotency.Decompress(b.claim(t, print).Record.Body)
	require.NoError(t, err)
	require.Equal(t, "newer", string(body))
}

// The other one: a late failure deletes a newer run's answer, and the key runs again.
func TestLateFailerIsRefused(t *testing.T) {
	b := newBench(t)
	late := b.claim(t, print).Claim
	b.later(time.Minute)
	newer := b.claim(t, print).Claim
	require.False(t, b.send(t, b.Release(late)))
	require.False(t, b.send(t, b.Lock(late)))
	require.True(t, b.answer(t, newer, "newer"))
	require.False(t, b.send(t, b.Release(late)))
	require.Equal(t, idempotency.Replay, b.claim(t, print).Status)
}

func TestReleasedKeyStartsAfresh(t *testing.T) {
	b := newBench(t)
	require.True(t, b.send(t, b.Release(b.claim(t, print).Claim)))
	f := b.claim(t, "another payload")
	require.Equal(t, idempotency.Acquired, f.Status)
	require.False(t, f.Claim.Resumed)
}

func TestHeldKeyIsNobodysUntilItIsUndone(t *testing.T) {
	b := newBench(t)
	claim := b.claim(t, print).Claim
	require.True(t, b.send(t, b.Lock(claim)))
	b.later(time.Hour)
	require.Equal(t, idempotency.Compensating, b.claim(t, print).Status, "however long it takes")
	require.False(t, b.answer(t, claim, "late"), "a commit that comes late is fenced out")
	require.True(t, b.send(t, b.Unlock(claim.KeyHash)))
	require.Equal(t, idempotency.Acquired, b.claim(t, print).Status)
}

func TestOpenedKeyIsTakenByTheFirstClaim(t *testing.T) {
	b := newBench(t)
	f, err := b.Open(t.Context(), b.key, print, nil)
	require.NoError(t, err)
	require.Equal(t, idempotency.Acquired, f.Status)
	again, err := b.Open(t.Context(), b.key, print, nil)
	require.NoError(t, err)
	require.Equal(t, idempotency.InProgress, again.Status, "it is handed on, not run")
	require.False(t, b.claim(t, print).Claim.Resumed, "nobody has worked on it")
	b.later(time.Minute)
	require.True(t, b.claim(t, print).Claim.Resumed)
}

// copier keeps the last claim that was sent, as a network does that delivers it twice.
type copier struct {
	*dynamotest.Faults
	last *dynamodb.PutItemInput
}

func (c *copier) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	c.last = in
	return c.Faults.PutItem(ctx, in, o...)
}

func TestLateCopyOfAClaimOpensNothing(t *testing.T) {
	b := newBench(t)
	net := &copier{Faults: b.db}
	store := idempotency.New(net, idempotency.Config{Table: b.table}, func() time.Time { return *b.clock })
	for range 2 { // a key's first claim, and the claim of one that is free again
		f, err := store.Claim(t.Context(), b.key, print, nil)
		require.NoError(t, err)
		require.Equal(t, idempotency.Acquired, f.Status)
		require.True(t, b.send(t, b.Release(f.Claim)))
		_, err = b.db.PutItem(t.Context(), net.last)
		require.True(t, dynamo.ConditionFailed(err), "its run has ended")
	}
}

func TestLeaseEndsBeforeTheCallersTime(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	f, err := b.Claim(ctx, b.key, print, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, f.Claim.Until.Sub(*b.clock), 2*time.Second-200*time.Millisecond)
}

func TestLostWritesAndRepliesAreSettled(t *testing.T) {
	for name, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		t.Run("claim, "+name, func(t *testing.T) {
			b := newBench(t)
			b.db.Hook, _ = dynamotest.Nth(1, applied)
			f := b.claim(t, print)
			require.Equal(t, idempotency.Acquired, f.Status, "its own record is not another's")
			require.False(t, f.Claim.Resumed)
			require.True(t, b.answer(t, f.Claim, "x"))
		})
		t.Run("takeover, "+name, func(t *testing.T) {
			b := newBench(t)
			b.claim(t, print)
			b.later(time.Minute)
			b.db.Hook, _ = dynamotest.Nth(2, applied)
			f := b.claim(t, print)
			require.Equal(t, idempotency.Acquired, f.Status)
			require.True(t, f.Claim.Resumed)
			require.True(t, b.answer(t, f.Claim, "x"))
		})
	}
}

func TestDuplicateWaitsAndSharesTheAnswer(t *testing.T) {
	b := newBench(t)
	live := idempotency.New(b.db, idempotency.Config{Table: b.table}, time.Now) //nolint:forbidigo // two real runs
	first, err := live.Claim(t.Context(), b.key, print, nil)
	require.NoError(t, err)
	shared := make(chan idempotency.Result, 1)
	go func() {
		f, _ := live.ClaimOrWait(t.Context(), b.key, print, nil, idempotency.WaitLimits{InProgress: 5 * time.Second})
		shared <- f
	}()
	time.Sleep(100 * time.Millisecond) //nolint:forbidigo // so that it waits
	packed, err := idempotency.Compress([]byte("answer"))
	require.NoError(t, err)
	require.True(t, b.send(t, live.Complete(first.Claim, 201, packed)))
	f := <-shared
	require.Equal(t, idempotency.Replay, f.Status)
	require.Equal(t, packed, f.Record.Body)
}

func TestPatienceEnds(t *testing.T) {
	b := newBench(t)
	live := idempotency.New(b.db, idempotency.Config{Table: b.table}, time.Now) //nolint:forbidigo // a real wait
	first, err := live.Claim(t.Context(), b.key, print, nil)
	require.NoError(t, err)
	f, err := live.ClaimOrWait(t.Context(), b.key, print, nil, idempotency.WaitLimits{InProgress: 50 * time.Millisecond})
	require.NoError(t, err)
	require.Equal(t, idempotency.InProgress, f.Status)
	require.True(t, b.send(t, live.Lock(first.Claim)))
	f, err = live.ClaimOrWait(t.Context(), b.key, print, nil, idempotency.WaitLimits{Compensating: 50 * time.Millisecond})
	require.NoError(t, err)
	require.Equal(t, idempotency.Compensating, f.Status)
}

func TestSweeperTakesOnlyWhatWasAbandoned(t *testing.T) {
	b := newBench(t)
	f := b.claim(t, print)
	require.False(t, b.LeaseExpired(f.Record))
	require.False(t, b.send(t, b.ReleaseExpired(f.Claim.KeyHash, f.Record, idempotency.Locked)), "its owner may still work")
	b.later(time.Minute)
	seen := f.Record
	taken := b.claim(t, print)
	require.False(t, b.send(t, b.ReleaseExpired(f.Claim.KeyHash, seen, idempotency.Locked)), "it was taken over since")
	b.later(time.Minute)
	require.True(t, b.send(t, b.ReleaseExpired(f.Claim.KeyHash, taken.Record, idempotency.Locked)))
}

func TestRecordOfAnUnknownShapeIsAnErrorNotARun(t *testing.T) {
	b := newBench(t)
	item := idempotency.ItemKey(b.key.Hash())
	item["from_another_version"] = &types.AttributeValueMemberBOOL{Value: true}
	_, err := b.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(b.table), Item: item})
	require.NoError(t, err)
	_, err = b.Claim(t.Context(), b.key, print, nil)
	require.ErrorContains(t, err, "key_state")
}
