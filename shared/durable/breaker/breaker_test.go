package breaker_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fleet is many processes with one table and one clock.
type fleet struct {
	db    *dynamotest.Faults
	table string
	mu    sync.Mutex
	clock time.Time
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	return &fleet{db: db, table: dynamotest.Tables(t, db.Client).Platform, clock: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)}
}

func (f *fleet) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock
}

func (f *fleet) later(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = f.clock.Add(d)
}

func (f *fleet) process() *breaker.Breaker {
	return breaker.New(f.db, breaker.Config{Table: f.table, Name: "inventory"}, f.now)
}

func admit(t *testing.T, b *breaker.Breaker) (*breaker.Permit, error) {
	t.Helper()
	return b.Acquire(t.Context(), b.State(t.Context()))
}

// call makes one, and tells whether it was let through.
func call(t *testing.T, b *breaker.Breaker, ok bool) bool {
	t.Helper()
	p, err := admit(t, b)
	if err != nil {
		var open *breaker.OpenError
		require.ErrorAs(t, err, &open)
		require.Positive(t, open.RetryAfter)
		return false
	}
	p.Done(t.Context(), ok)
	return true
}

// open has ten processes fail once each.
func (f *fleet) open(t *testing.T) {
	t.Helper()
	for range 10 {
		require.True(t, call(t, f.process(), false))
	}
}

func TestProcessesThatEachSeeOneFailureOpenTogether(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	require.False(t, call(t, f.process(), true), "one that saw none of it")
}

func TestNothingIsWrittenWhileAllIsWell(t *testing.T) {
	f := newFleet(t)
	b := f.process()
	for range 50 {
		require.True(t, call(t, b, true))
	}
	require.Equal(t, []string{"GetItem"}, f.db.Calls(), "and it is read once while it is fresh")
	f.later(500 * time.Millisecond)
	require.True(t, call(t, b, true))
	require.Equal(t, []string{"GetItem", "GetItem"}, f.db.Calls())
}

func TestOpeningIsSeenWithinASecond(t *testing.T) {
	f := newFleet(t)
	b := f.process()
	require.True(t, call(t, b, true))
	f.open(t)
	f.later(time.Second)
	require.False(t, call(t, b, true))
}

func TestLessThanHalfDoesNotOpen(t *testing.T) {
	f := newFleet(t)
	b := f.process()
	for range 11 {
		require.True(t, call(t, b, true))
	}
	for range 10 {
		require.True(t, call(t, b, false))
	}
	require.True(t, call(t, f.process(), true), "10 of 21; failures are known, so this success is reported")
	require.True(t, call(t, b, false), "11 of 23")
	require.True(t, call(t, b, false), "12 of 24 is half")
	f.later(time.Second)
	require.False(t, call(t, b, true))
}

func TestFewCallsSayNothing(t *testing.T) {
	f := newFleet(t)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	require.True(t, call(t, f.process(), true))
}

func TestOldFailuresFade(t *testing.T) {
	f := newFleet(t)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	f.later(15 * time.Second) // half of the window before still counts
	require.True(t, call(t, f.process(), false), "4 + 1")
	f.later(30 * time.Second)
	for range 9 {
		require.True(t, call(t, f.process(), false))
	}
	require.True(t, call(t, f.process(), true))
}

func TestOneProbeInTheFleet(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	f.later(30*time.Second - time.Millisecond)
	require.False(t, call(t, f.process(), true))
	f.later(time.Millisecond)
	var mu sync.Mutex
	var permits []*breaker.Permit
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if p, err := admit(t, f.process()); err == nil {
				mu.Lock()
				permits = append(permits, p)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Len(t, permits, 1)
	permits[0].Done(t.Context(), true)
	require.True(t, call(t, f.process(), true), "closed for all")
}

func TestFailedProbeKeepsItOpen(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	f.later(30 * time.Second)
	require.True(t, call(t, f.process(), false))
	require.False(t, call(t, f.process(), true))
	f.later(30 * time.Second)
	require.True(t, call(t, f.process(), true))
	require.True(t, call(t, f.process(), true))
}

func TestADeadProbesPermitExpiresAndItsLateWordDoesNotCount(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	f.later(30 * time.Second)
	dead, err := admit(t, f.process())
	require.NoError(t, err)
	require.False(t, call(t, f.process(), true))
	f.later(10 * time.Second)
	require.True(t, call(t, f.process(), false), "the next one probes, and fails")
	dead.Done(t.Context(), true)
	require.False(t, call(t, f.process(), true), "a slow former probe does not close what failed since")
}

func TestLateFailuresDoNotOpenWhatWasClosedSince(t *testing.T) {
	f := newFleet(t)
	late, err := admit(t, f.process())
	require.NoError(t, err)
	f.open(t)
	f.later(30 * time.Second)
	require.True(t, call(t, f.process(), true))
	late.Done(t.Context(), false)
	require.True(t, call(t, f.process(), true))
}

func ExampleOpenError() {
	fmt.Println(&breaker.OpenError{Name: "inventory", RetryAfter: 30 * time.Second})
	// Output: the breaker of inventory is open for another 30s
}
