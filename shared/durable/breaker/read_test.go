package breaker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestAnUnreadableStatePermitsCalls(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := f.process()
	_, err := b.Acquire(t.Context(), b.State(ctx))
	require.NoError(t, err)
	f.db.Hook = func(string) (bool, error) { return false, errors.New("table unavailable") }
	require.True(t, call(t, f.process(), false))
}

// TestAnUnreadableStateKeepsItsOpenTime rejects calls of a breaker that was last seen open
// while the table is unavailable, but not after its open time.
func TestAnUnreadableStateKeepsItsOpenTime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	b := f.process()
	require.False(t, call(t, b, true))
	f.advance(29 * time.Second)
	unreadable, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Acquire(t.Context(), b.State(unreadable))
	require.Error(t, err)
	f.advance(time.Second)
	require.Equal(t, breaker.Closed, b.State(unreadable).State)
}

func TestARejectedCallMakesNoCallToTheTable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	b := f.process()
	snapshot := b.State(t.Context())
	f.db.Forget()
	f.advance(10 * time.Second)
	_, err := b.Acquire(t.Context(), snapshot)
	require.Error(t, err)
	require.Empty(t, f.db.Calls())
}

// slowReader is a table whose reads return when release is closed.
type slowReader struct {
	*dynamotest.Faults
	read, release chan struct{}
}

func (r *slowReader) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	out, err := r.Faults.GetItem(ctx, in, o...)
	close(r.read)
	<-r.release
	return out, err
}

func TestAnOvertakenReadDoesNotReplaceANewerState(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := &slowReader{f.db, make(chan struct{}), make(chan struct{})}
	b := breaker.New(r, f.config(breaker.Config{}), f.now)
	p, err := b.Acquire(t.Context(), breaker.Snapshot{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	var overtaken breaker.Snapshot
	wg.Go(func() { overtaken = b.State(t.Context()) })
	<-r.read
	p.RecordFailure(t.Context())
	close(r.release)
	wg.Wait()
	require.EqualValues(t, 1, overtaken.Failures)
	require.EqualValues(t, 1, b.State(t.Context()).Failures)
}

func TestPhase(t *testing.T) {
	t.Parallel()
	const now = 1_000_000 // Unix milliseconds
	for name, c := range map[string]struct {
		state             string
		until, probeUntil int64
		want              breaker.Phase
	}{
		"no item":             {"", 0, 0, breaker.PhaseClosed},
		"closed":              {breaker.Closed, 0, now + 500, breaker.PhaseClosed},
		"open":                {breaker.Open, now + 1, 0, breaker.PhaseOpen},
		"open, probe is due":  {breaker.Open, now, 0, breaker.PhaseHalfOpen},
		"open, probe running": {breaker.Open, now + 500, now + 1, breaker.PhaseHalfOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := breaker.Snapshot{State: c.state, Until: c.until, ProbeUntil: c.probeUntil}
			require.Equal(t, c.want, s.Phase(time.UnixMilli(now)))
		})
	}
}
