package breaker_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fixture is a fleet of processes that share one table and one clock.
type fixture struct {
	db    *dynamotest.Faults
	table string
	mu    sync.Mutex
	clock time.Time
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	return &fixture{
		db: db, table: dynamotest.Tables(t, db.Client).Platform,
		clock: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC),
	}
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = f.clock.Add(d)
}

// process returns the breaker of a process that has just started.
func (f *fixture) process() *breaker.Breaker { return f.with(breaker.Config{}) }

func (f *fixture) with(cfg breaker.Config) *breaker.Breaker {
	return breaker.New(f.db, f.config(cfg), f.now)
}

func (f *fixture) config(cfg breaker.Config) breaker.Config {
	cfg.Table, cfg.Name = f.table, "inventory"
	return cfg
}

// state returns what the table holds.
func (f *fixture) state(t *testing.T) breaker.Snapshot {
	t.Helper()
	s, err := f.process().Read(t.Context())
	require.NoError(t, err)
	return s
}

// open has ten processes fail once each.
func (f *fixture) open(t *testing.T) {
	t.Helper()
	for range 10 {
		require.True(t, call(t, f.process(), false))
	}
}

func acquire(t *testing.T, b *breaker.Breaker) (*breaker.Permit, error) {
	t.Helper()
	return b.Acquire(t.Context(), b.State(t.Context()))
}

// call makes a call and reports whether it was permitted.
func call(t *testing.T, b *breaker.Breaker, ok bool) bool {
	t.Helper()
	p, err := acquire(t, b)
	if err != nil {
		var open *breaker.OpenError
		require.ErrorAs(t, err, &open)
		require.Positive(t, open.RetryAfter)
		return false
	}
	if ok {
		p.RecordSuccess(t.Context())
	} else {
		p.RecordFailure(t.Context())
	}
	return true
}
