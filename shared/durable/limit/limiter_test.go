package limit_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
)

const interval = 250 * time.Millisecond // between settlements

var plan = limit.Rate{PerSecond: 10, Burst: 5}

func TestBurstThenRate(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		require.Equal(t, 4, request(t, l).Remaining)
		require.Equal(t, 4, burst(t, l, 10))
		require.Equal(t, 100*time.Millisecond, request(t, l).RetryAfter)
		f.advance(99 * time.Millisecond)
		require.Equal(t, time.Millisecond, request(t, l).RetryAfter)
		f.advance(time.Millisecond)
		require.Equal(t, 1, burst(t, l, 3))
		f.advance(time.Hour)
		require.Equal(t, plan.Burst, burst(t, l, 10))
	})
}

func TestAProcessSettlesFourTimesASecond(t *testing.T) {
	t.Parallel()
	simulate(t, limit.Rate{PerSecond: 1000, Burst: 1000}, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		for range 1001 {
			require.True(t, request(t, l).Allowed)
			f.advance(time.Millisecond)
		}
		require.Len(t, f.saw, 5)
	})
}

// A process that serves few requests settles once a second, and at once when they become a twentieth of
// the burst.
func TestFewRequestsAreSettledTogether(t *testing.T) {
	t.Parallel()
	simulate(t, limit.Rate{PerSecond: 50, Burst: 100}, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		for range 9 {
			require.True(t, request(t, l).Allowed)
			f.advance(interval)
		}
		require.Len(t, f.saw, 3, "at 0, 1 and 2 seconds")
		require.Equal(t, 5, burst(t, l, 5))
		require.Len(t, f.saw, 4)
	})
}

func TestARefusalCostsNothing(t *testing.T) {
	t.Parallel()
	simulate(t, limit.Rate{PerSecond: 1, Burst: 1}, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		require.Equal(t, 1, burst(t, l, 100))
		f.advance(999 * time.Millisecond)
		require.Zero(t, burst(t, l, 100))
		require.Len(t, f.saw, 1)
	})
}

func TestKeysAreApart(t *testing.T) {
	t.Parallel()
	simulate(t, limit.Rate{PerSecond: 1, Burst: 1}, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		for _, id := range []string{"a", "b"} {
			require.True(t, l.Allow(t.Context(), id).Allowed)
			require.False(t, l.Allow(t.Context(), id).Allowed)
		}
	})
}

func TestJoinWaitsForTheSettlement(t *testing.T) {
	t.Parallel()
	for takes, waits := range map[time.Duration]time.Duration{
		5 * time.Millisecond:   5 * time.Millisecond,
		400 * time.Millisecond: 100 * time.Millisecond,
		time.Hour:              100 * time.Millisecond,
	} {
		simulate(t, plan, func(t *testing.T, f *fixture) {
			t.Helper()
			f.takes = takes
			l, started := f.process(), f.now()
			require.Equal(t, 1, burst(t, l, 1))
			require.Equal(t, waits, f.now().Sub(started))
			f.rest(3 * time.Second)
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			started = f.now()
			l.Allow(ended, merchant).Join(ended)
			require.Zero(t, f.now().Sub(started), "a request that has ended waits for nothing")
			f.rest(3 * time.Second)
			settled := 2
			if takes > time.Second {
				settled = 0
			}
			require.Len(t, f.saw, settled, "the settlement goes on without the request")
		})
	}
}

// A settlement that its request left ends during a later one, which learns from it.
func TestALeftSettlementIsTakenUp(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.takes = 400 * time.Millisecond
		f.state[key] = limit.State{TAT: f.now().Add(5 * time.Second)}
		l := f.process()
		require.Equal(t, 1, burst(t, l, 1))
		f.rest(interval)
		require.Equal(t, 2, burst(t, l, 2))
		f.rest(f.takes - interval)
		require.Greater(t, request(t, l).RetryAfter, 4*time.Second)
		f.rest(time.Second)
		require.Len(t, f.saw, 1, "one settlement at a time")
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	simulate(t, limit.Rate{PerSecond: 1, Burst: 1}, func(t *testing.T, f *fixture) {
		t.Helper()
		f.fault = func() (bool, error) { return false, errAway } // what is forgotten is admitted again
		l := f.process()
		refuses := func(i int) bool { return !l.Allow(t.Context(), strconv.Itoa(i)).Allowed }
		for i := range 1000 {
			require.False(t, refuses(i))
		}
		require.True(t, refuses(0), "and it was used last")
		require.False(t, refuses(1000), "takes the place of 1")
		require.True(t, refuses(0))
		require.True(t, refuses(999))
		require.False(t, refuses(1))
	})
}

func TestAFailureIsReported(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.fault = func() (bool, error) { return false, errAway }
		var reported []error
		l := limit.New(limit.Config{
			Policy: limit.PerMerchant(), Settle: f.settle, Now: f.now,
			OnFailure: func(_ context.Context, err error) { reported = append(reported, err) },
		})
		request(t, l)
		require.Equal(t, []error{errAway}, reported)
	})
}

func TestAnOverrideIsLearnedWithASettlement(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		l := f.process()
		require.Equal(t, 5, burst(t, l, 9))
		f.state[key] = limit.State{Override: limit.Rate{PerSecond: 100, Burst: 20}}
		f.advance(time.Second)
		require.Equal(t, plan, request(t, l).Policy.Rate, "of the request that begins the settlement")
		require.Equal(t, 100, request(t, l).Policy.Rate.PerSecond)
		require.Equal(t, 9, burst(t, l, 30), "the first was counted by the former rate")
		f.state[key] = limit.State{Override: limit.Rate{PerSecond: -1, Burst: 20}}
		f.advance(time.Second)
		request(t, l)
		require.Equal(t, plan, request(t, l).Policy.Rate, "what is out of bounds is no override")
	})
}
