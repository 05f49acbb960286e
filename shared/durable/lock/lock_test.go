package lock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/lock"
)

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire(t)
	_, err := f.locks.Acquire(t.Context(), "series")
	var held *lock.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, first.Until.UnixMilli(), held.Until.UnixMilli())
	_, err = f.locks.Acquire(t.Context(), "another")
	require.NoError(t, err)

	require.NoError(t, f.locks.Release(t.Context(), first))
	require.NoError(t, f.locks.Release(t.Context(), first), "a second release does nothing")
	second := f.acquire(t)
	require.Equal(t, first.Fence+1, second.Fence, "the fence outlives the release")
	require.ErrorIs(t, f.locks.Release(t.Context(), first), lock.ErrLost)
}

func TestExpiredLeaseIsTakenOverInOneCall(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.acquire(t)
	f.advance(10 * time.Second)
	f.db.Forget()
	second := f.acquire(t)
	require.Equal(t, []string{"UpdateItem"}, f.db.Calls())
	require.Equal(t, first.Fence+1, second.Fence)

	_, err := f.locks.Renew(t.Context(), first)
	require.ErrorIs(t, err, lock.ErrLost)
	require.ErrorIs(t, f.locks.Release(t.Context(), first), lock.ErrLost)
	_, err = f.locks.Renew(t.Context(), second)
	require.NoError(t, err, "the former holder's calls changed nothing")
}

func TestExpiredLeaseIsRenewedIfNotTaken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	l := f.acquire(t)
	f.advance(time.Minute)
	renewed, err := f.locks.Renew(t.Context(), l)
	require.NoError(t, err)
	require.Equal(t, l.Fence, renewed.Fence)
	require.Greater(t, renewed.Until, l.Until)
}

func TestFenceGrowsAlthoughTheItemWasDeleted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var before lock.Lease
	for range 20 {
		before = f.acquire(t)
		require.NoError(t, f.locks.Release(t.Context(), before))
	}
	before = f.acquire(t)
	_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &f.table, Key: lockKey()})
	require.NoError(t, err)
	_, err = f.locks.Renew(t.Context(), before)
	require.ErrorIs(t, err, lock.ErrLost)
	require.ErrorIs(t, f.locks.Release(t.Context(), before), lock.ErrLost)
	f.advance(time.Second)
	require.Greater(t, f.acquire(t).Fence, before.Fence)
}

func TestLostWritesAndReplies(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			l := f.acquire(t)
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			l, err := f.locks.Renew(t.Context(), l)
			require.NoError(t, err)
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			require.NoError(t, f.locks.Release(t.Context(), l))
			f.db.Hook = nil
			require.Equal(t, l.Fence+1, f.acquire(t).Fence, "one fence per holder")
		})
	}
}

func TestLeaseEndsBeforeTheCallersTime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	l, err := f.locks.Acquire(ctx, "series")
	require.NoError(t, err)
	deadline, _ := ctx.Deadline()
	require.Less(t, l.Until, deadline.Add(-150*time.Millisecond))

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = f.locks.Acquire(short, "another")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestOnlyTheFenceStopsAFrozenHolder expects the write of the last holder to stand, whatever
// the clocks of the two instances are.
func TestOnlyTheFenceStopsAFrozenHolder(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-2 * time.Minute, 0, 2 * time.Minute} {
		t.Run("clock skew "+skew.String(), func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			frozen := f.acquire(t)
			if skew <= 0 {
				f.advance(3 * time.Minute)
			}
			next, err := f.instance(skew).Acquire(t.Context(), "series")
			require.NoError(t, err)
			require.Greater(t, next.Fence, frozen.Fence)
			require.NoError(t, f.writeProtected(t, next))
			require.True(t, dynamo.ConditionFailed(f.writeProtected(t, frozen)))
			require.NoError(t, f.writeProtected(t, next), "again, by the same holder")
		})
	}
}

func TestWithLockRenewsAndReleases(t *testing.T) {
	t.Parallel()
	f := setup(t)
	short := f.with(lock.Config{Table: f.table, Lease: 300 * time.Millisecond}, 0)
	err := short.WithLock(t.Context(), "series", 0, func(ctx context.Context, _ lock.Lease) error {
		for range 8 {
			time.Sleep(100 * time.Millisecond) //nolint:forbidigo // 8 × 100 ms is longer than the lease
			_, err := short.Acquire(ctx, "series")
			require.ErrorAs(t, err, new(*lock.HeldError))
		}
		return ctx.Err()
	})
	require.NoError(t, err)
	f.acquire(t)
}

// TestWithLockReleasesAfterAPanic: the queue and HTTP adapters recover panics, so the process
// lives on and must not renew the lease for ever.
func TestWithLockReleasesAfterAPanic(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Panics(t, func() {
		_ = f.locks.WithLock(t.Context(), "series", 0, func(context.Context, lock.Lease) error { panic("failure") })
	})
	f.acquire(t)
}

func TestWithLockCancelsTheContextWhenTheLeaseIsLost(t *testing.T) {
	t.Parallel()
	f := setup(t)
	short := f.with(lock.Config{Table: f.table, Lease: 300 * time.Millisecond}, 0)
	err := short.WithLock(t.Context(), "series", 0, func(ctx context.Context, _ lock.Lease) error {
		_, err := f.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &f.table, Key: lockKey()})
		require.NoError(t, err)
		<-ctx.Done()
		return ctx.Err()
	})
	require.ErrorIs(t, err, lock.ErrLost)
}

func TestWithLockReturnsTheErrorOfDo(t *testing.T) {
	t.Parallel()
	f := setup(t)
	failure := errors.New("failure")
	run := func(wait time.Duration, result error) error {
		return f.locks.WithLock(t.Context(), "series", wait, func(context.Context, lock.Lease) error { return result })
	}
	require.ErrorIs(t, run(0, failure), failure)
	f.acquire(t)
	err := run(50*time.Millisecond, nil)
	require.ErrorAs(t, err, new(*lock.HeldError))
}

// TestManyContenders expects each contender to get the lock, no two to hold it at the same
// time, and fences to grow in the order of holding.
func TestManyContenders(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var holders, last int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			err := f.instance(0).WithLock(t.Context(), "series", time.Minute, func(_ context.Context, l lock.Lease) error {
				f.mu.Lock()
				holders++
				alone, grew := holders == 1, l.Fence > last
				last = l.Fence
				f.mu.Unlock()
				time.Sleep(2 * time.Millisecond) //nolint:forbidigo // work
				f.mu.Lock()
				holders--
				f.mu.Unlock()
				if !alone || !grew {
					return errors.New("two contenders held the lock, or the fence did not grow")
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

func TestOnAttempt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var outcomes []string
	locks := f.with(lock.Config{
		Table:     f.table,
		OnAttempt: func(_ context.Context, outcome string) { outcomes = append(outcomes, outcome) },
	}, 0)
	for range 2 {
		_, _ = locks.Acquire(t.Context(), "series")
	}
	expired, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, _ = locks.Acquire(expired, "other")
	require.Equal(t, []string{"acquired", "held", "error"}, outcomes)
}
