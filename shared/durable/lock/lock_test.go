package lock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/lock"
)

// bed is a table, a clock that tests move, and faults that tests choose.
type bed struct {
	db    *dynamotest.Faults
	table string
	locks *lock.Store

	mu    sync.Mutex
	ahead time.Duration
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{db: &dynamotest.Faults{Client: dynamotest.Client(t)}}
	b.table = dynamotest.Tables(t, b.db.Client).Platform
	b.locks = b.instance(0)
	return b
}

// instance is another process, whose clock is off by skew.
func (b *bed) instance(skew time.Duration) *lock.Store {
	return b.with(lock.Config{Table: b.table}, skew)
}

func (b *bed) with(cfg lock.Config, skew time.Duration) *lock.Store {
	return lock.New(b.db, cfg, func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		return time.Now().Add(b.ahead + skew) //nolint:forbidigo // the real clock, moved
	})
}

func (b *bed) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ahead += d
}

func (b *bed) acquire(t *testing.T) lock.Lease {
	t.Helper()
	l, err := b.locks.Acquire(t.Context(), "series")
	require.NoError(t, err)
	return l
}

func itemKey() dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "LOCK#series"},
		"sk": &types.AttributeValueMemberS{Value: "LOCK"},
	}
}

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	first := b.acquire(t)
	_, err := b.locks.Acquire(t.Context(), "series")
	var held *lock.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, first.Until.UnixMilli(), held.Until.UnixMilli())
	_, err = b.locks.Acquire(t.Context(), "another")
	require.NoError(t, err)

	require.NoError(t, b.locks.Release(t.Context(), first))
	require.NoError(t, b.locks.Release(t.Context(), first), "twice is harmless")
	second := b.acquire(t)
	require.Equal(t, first.Fence+1, second.Fence, "the fence outlives the release")
	require.ErrorIs(t, b.locks.Release(t.Context(), first), lock.ErrLost)
}

func TestExpiredLeaseIsTakenOverInOneCall(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	first := b.acquire(t)
	b.later(10 * time.Second)
	b.db.Forget()
	second := b.acquire(t)
	require.Equal(t, []string{"UpdateItem"}, b.db.Calls())
	require.Equal(t, first.Fence+1, second.Fence)

	_, err := b.locks.Renew(t.Context(), first)
	require.ErrorIs(t, err, lock.ErrLost)
	require.ErrorIs(t, b.locks.Release(t.Context(), first), lock.ErrLost)
	_, err = b.locks.Renew(t.Context(), second)
	require.NoError(t, err, "the former holder's calls changed nothing")
}

func TestExpiredButNotTakenIsRenewed(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	l := b.acquire(t)
	b.later(time.Minute)
	renewed, err := b.locks.Renew(t.Context(), l)
	require.NoError(t, err)
	require.Equal(t, l.Fence, renewed.Fence)
	require.Greater(t, renewed.Until, l.Until)
}

func TestFenceGrowsAlthoughTheItemWasDeleted(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var before lock.Lease
	for range 20 {
		before = b.acquire(t)
		require.NoError(t, b.locks.Release(t.Context(), before))
	}
	before = b.acquire(t)
	_, err := b.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &b.table, Key: itemKey()})
	require.NoError(t, err)
	_, err = b.locks.Renew(t.Context(), before)
	require.ErrorIs(t, err, lock.ErrLost)
	require.ErrorIs(t, b.locks.Release(t.Context(), before), lock.ErrLost)
	b.later(time.Second)
	require.Greater(t, b.acquire(t).Fence, before.Fence)
}

func TestLostWritesAndReplies(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"lost": false, "reply lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			b.db.Hook, _ = dynamotest.Nth(1, applied)
			l := b.acquire(t)
			b.db.Hook, _ = dynamotest.Nth(1, applied)
			l, err := b.locks.Renew(t.Context(), l)
			require.NoError(t, err)
			b.db.Hook, _ = dynamotest.Nth(1, applied)
			require.NoError(t, b.locks.Release(t.Context(), l))
			b.db.Hook = nil
			require.Equal(t, l.Fence+1, b.acquire(t).Fence, "one fence a holder")
		})
	}
}

func TestLeaseEndsBeforeTheCallersTime(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	l, err := b.locks.Acquire(ctx, "series")
	require.NoError(t, err)
	deadline, _ := ctx.Deadline()
	require.Less(t, l.Until, deadline.Add(-150*time.Millisecond))

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = b.locks.Acquire(short, "another")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestOnlyTheFenceStopsAFrozenHolder: whatever the clocks say, the last holder's
// write stands.
func TestOnlyTheFenceStopsAFrozenHolder(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-2 * time.Minute, 0, 2 * time.Minute} {
		b := newBed(t)
		frozen := b.acquire(t)
		if skew <= 0 {
			b.later(3 * time.Minute)
		}
		next, err := b.instance(skew).Acquire(t.Context(), "series")
		require.NoError(t, err, "skew %s", skew)
		require.Greater(t, next.Fence, frozen.Fence)
		require.NoError(t, b.protected(t, next))
		require.True(t, dynamo.ConditionFailed(b.protected(t, frozen)), "skew %s", skew)
		require.NoError(t, b.protected(t, next), "again, by the same holder")
	}
}

// protected is a write to what the lock protects.
func (b *bed) protected(t *testing.T, l lock.Lease) error {
	t.Helper()
	expr, err := expression.NewBuilder().WithCondition(l.Condition("fence")).WithUpdate(l.SetFence("fence")).Build()
	require.NoError(t, err)
	_, err = b.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &b.table, Key: dynamo.Item{
			"pk": &types.AttributeValueMemberS{Value: "THING"}, "sk": &types.AttributeValueMemberS{Value: "THING"},
		},
		ConditionExpression: expr.Condition(), UpdateExpression: expr.Update(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	return err
}

func TestWithLockRenewsAndReleases(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	short := b.with(lock.Config{Table: b.table, Lease: 300 * time.Millisecond}, 0)
	err := short.WithLock(t.Context(), "series", 0, func(ctx context.Context, _ lock.Lease) error {
		for range 8 {
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // longer than the lease, in all
			_, err := short.Acquire(ctx, "series")
			require.ErrorAs(t, err, new(*lock.HeldError))
		}
		return ctx.Err()
	})
	require.NoError(t, err)
	b.acquire(t)
}

func TestWithLockEndsItsWorkWhenTheLeaseIsLost(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	short := b.with(lock.Config{Table: b.table, Lease: 300 * time.Millisecond}, 0)
	err := short.WithLock(t.Context(), "series", 0, func(ctx context.Context, _ lock.Lease) error {
		_, err := b.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &b.table, Key: itemKey()})
		require.NoError(t, err)
		<-ctx.Done()
		return ctx.Err()
	})
	require.ErrorIs(t, err, lock.ErrLost)
}

func TestWithLockReturnsWhatItsWorkReturned(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	failure := errors.New("no")
	require.ErrorIs(t, b.locks.WithLock(t.Context(), "series", 0, func(context.Context, lock.Lease) error { return failure }), failure)
	b.acquire(t)
	err := b.locks.WithLock(t.Context(), "series", 50*time.Millisecond, func(context.Context, lock.Lease) error { return nil })
	require.ErrorAs(t, err, new(*lock.HeldError))
}

// TestManyContenders: each gets its turn, no two hold at once, and fences grow in
// the order of holding.
func TestManyContenders(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var holders, last int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			err := b.instance(0).WithLock(t.Context(), "series", time.Minute, func(_ context.Context, l lock.Lease) error {
				b.mu.Lock()
				holders++
				alone, grew := holders == 1, l.Fence > last
				last = l.Fence
				b.mu.Unlock()
				time.Sleep(2 * time.Millisecond) //nolint:forbidigo // work
				b.mu.Lock()
				holders--
				b.mu.Unlock()
				if !alone || !grew {
					return errors.New("two held it")
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAttemptsAreTold(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var told []string
	locks := b.with(lock.Config{Table: b.table, OnAttempt: func(_ context.Context, outcome string) { told = append(told, outcome) }}, 0)
	for range 2 {
		_, _ = locks.Acquire(t.Context(), "series")
	}
	over, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, _ = locks.Acquire(over, "other")
	require.Equal(t, []string{"acquired", "held", "error"}, told)
}
