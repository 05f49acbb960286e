package breaker_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
)

func TestProcessesThatEachSeeOneFailureOpenTogether(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	require.False(t, call(t, f.process(), true), "a process that saw no failure")
}

func TestNothingIsWrittenWithoutFailures(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.process()
	for range 50 {
		require.True(t, call(t, b, true))
	}
	require.Equal(t, []string{"GetItem"}, f.db.Calls(), "the state is read once while it is fresh")
	f.advance(500 * time.Millisecond)
	require.True(t, call(t, b, true))
	require.Equal(t, []string{"GetItem", "GetItem"}, f.db.Calls())
}

func TestOpeningIsSeenWithinASecond(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.process()
	require.True(t, call(t, b, true))
	f.open(t)
	f.advance(time.Second)
	require.False(t, call(t, b, true))
}

func TestLessThanHalfDoesNotOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	b := f.process()
	for range 11 {
		require.True(t, call(t, b, true))
	}
	for range 10 {
		require.True(t, call(t, b, false))
	}
	require.True(t, call(t, f.process(), true), "10 of 21; failures are known, so this success is written")
	require.True(t, call(t, b, false), "11 of 23")
	require.True(t, call(t, b, false), "12 of 24 is half")
	f.advance(time.Second)
	require.False(t, call(t, b, true))
}

func TestFewCallsDoNotOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	require.True(t, call(t, f.process(), true))
}

func TestOldFailuresFade(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	f.advance(15 * time.Second) // half of the previous window still counts
	require.True(t, call(t, f.process(), false), "4 + 1")
	f.advance(30 * time.Second)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	require.True(t, call(t, f.process(), true))
}

func TestOneProbeInTheFleet(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	f.advance(30*time.Second - time.Millisecond)
	require.False(t, call(t, f.process(), true))
	f.advance(time.Millisecond)
	var mu sync.Mutex
	var permits []*breaker.Permit
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if p, err := acquire(t, f.process()); err == nil {
				mu.Lock()
				permits = append(permits, p)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Len(t, permits, 1)
	permits[0].RecordSuccess(t.Context())
	require.True(t, call(t, f.process(), true), "closed for all processes")
}

func TestFailedProbeKeepsItOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	f.advance(30 * time.Second)
	require.True(t, call(t, f.process(), false))
	require.False(t, call(t, f.process(), true))
	f.advance(30 * time.Second)
	require.True(t, call(t, f.process(), true))
	require.True(t, call(t, f.process(), true))
}

func TestADeadProbeExpiresAndItsLateResultDoesNotCount(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	f.advance(30 * time.Second)
	dead, err := acquire(t, f.process())
	require.NoError(t, err)
	require.False(t, call(t, f.process(), true))
	f.advance(10 * time.Second)
	require.True(t, call(t, f.process(), false), "the next probe fails")
	dead.RecordSuccess(t.Context())
	require.False(t, call(t, f.process(), true), "a late former probe does not close the breaker")
}

func TestLateFailuresDoNotOpenALaterGeneration(t *testing.T) {
	t.Parallel()
	f := setup(t)
	late, err := acquire(t, f.process())
	require.NoError(t, err)
	f.open(t)
	f.advance(30 * time.Second)
	require.True(t, call(t, f.process(), true))
	late.RecordFailure(t.Context())
	require.True(t, call(t, f.process(), true))
}

func ExampleOpenError() {
	fmt.Println(&breaker.OpenError{Name: "inventory", RetryAfter: 30 * time.Second})
	// Output: circuit breaker inventory is open, retry in 30s
}
