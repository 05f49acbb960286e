package breaker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

// impatient returns a process that counts a call as failed after 20 ms.
func (f *fixture) impatient() *breaker.Breaker {
	return f.with(breaker.Config{Slow: 20 * time.Millisecond})
}

func (f *fixture) eventually(t *testing.T, what string, condition func(breaker.Snapshot) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return condition(f.state(t)) }, 30*time.Second, 10*time.Millisecond, what)
}

func TestHangingCallsOpenBeforeTheyTimeOut(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var hanging []*breaker.Permit
	for range 10 {
		p, err := acquire(t, f.impatient())
		require.NoError(t, err)
		hanging = append(hanging, p)
	}
	f.eventually(t, "open although no call has ended", func(s breaker.Snapshot) bool {
		return s.State == breaker.Open
	})
	require.False(t, call(t, f.process(), true))
	opened := f.state(t)
	for _, p := range hanging {
		p.RecordFailure(t.Context())
	}
	require.Equal(t, opened, f.state(t), "the failures were counted already")
}

func TestASlowSuccessIsSubtracted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p, err := acquire(t, f.impatient())
	require.NoError(t, err)
	f.eventually(t, "counted while it runs", func(s breaker.Snapshot) bool { return s.Failures == 1 })
	p.RecordSuccess(t.Context())
	s := f.state(t)
	require.EqualValues(t, 1, s.Calls)
	require.Zero(t, s.Failures)
}

func TestASlowFailureIsCountedOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p, err := acquire(t, f.impatient())
	require.NoError(t, err)
	f.eventually(t, "counted while it runs", func(s breaker.Snapshot) bool { return s.Failures == 1 })
	p.RecordFailure(t.Context())
	p.RecordFailure(t.Context())
	require.EqualValues(t, 1, f.state(t).Failures)
}

func TestCallsInFlightAreLimited(t *testing.T) {
	t.Parallel()
	f := setup(t)
	rejected := 0
	b := f.with(breaker.Config{
		InFlight: 2,
		OnReject: func(_ context.Context, name string) { require.Equal(t, "inventory", name); rejected++ },
	})
	first, err := acquire(t, b)
	require.NoError(t, err)
	_, err = acquire(t, b)
	require.NoError(t, err)
	require.False(t, call(t, b, true))
	require.Equal(t, 1, rejected)
	first.Ignore()
	first.Ignore()
	require.True(t, call(t, b, true), "one of the two calls has ended")
	require.Equal(t, 1, rejected)
}
