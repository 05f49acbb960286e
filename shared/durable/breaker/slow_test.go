package breaker_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

// impatient is a process that suspects a call after a few milliseconds.
func (f *fleet) impatient() *breaker.Breaker {
	return breaker.New(f.db, breaker.Config{Table: f.table, Name: "inventory", Slow: 20 * time.Millisecond}, f.now)
}

func (f *fleet) eventually(t *testing.T, what string, is func(breaker.Snapshot) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return is(f.state(t)) }, 30*time.Second, 10*time.Millisecond, what)
}

func TestCallsThatHangOpenItBeforeTheyTimeOut(t *testing.T) {
	f := newFleet(t)
	var hanging []*breaker.Permit
	for range 10 {
		p, err := admit(t, f.impatient())
		require.NoError(t, err)
		hanging = append(hanging, p)
	}
	f.eventually(t, "open while not one has come back", func(s breaker.Snapshot) bool { return s.State == breaker.Open })
	require.False(t, call(t, f.process(), true))
	opened := f.state(t)
	for _, p := range hanging {
		p.Done(t.Context(), false)
	}
	require.Equal(t, opened, f.state(t), "they were counted already")
}

func TestASlowSuccessIsTakenBack(t *testing.T) {
	f := newFleet(t)
	p, err := admit(t, f.impatient())
	require.NoError(t, err)
	f.eventually(t, "suspected", func(s breaker.Snapshot) bool { return s.Failures == 1 })
	p.Done(t.Context(), true)
	s := f.state(t)
	require.EqualValues(t, 1, s.Calls)
	require.Zero(t, s.Failures)
}

func TestASlowFailureIsCountedOnce(t *testing.T) {
	f := newFleet(t)
	p, err := admit(t, f.impatient())
	require.NoError(t, err)
	f.eventually(t, "suspected", func(s breaker.Snapshot) bool { return s.Failures == 1 })
	p.Done(t.Context(), false)
	p.Done(t.Context(), false)
	require.EqualValues(t, 1, f.state(t).Failures)
}

func TestAProcessHasOnlySoManyCallsUnderWay(t *testing.T) {
	f := newFleet(t)
	rejected := 0
	b := breaker.New(f.db, breaker.Config{
		Table: f.table, Name: "inventory", InFlight: 2,
		OnReject: func(_ context.Context, name string) { require.Equal(t, "inventory", name); rejected++ },
	}, f.now)
	first, err := admit(t, b)
	require.NoError(t, err)
	_, err = admit(t, b)
	require.NoError(t, err)
	require.False(t, call(t, b, true))
	require.Equal(t, 1, rejected)
	first.Ignore()
	first.Ignore()
	require.True(t, call(t, b, true), "a place is free")
	require.Equal(t, 1, rejected)
}
