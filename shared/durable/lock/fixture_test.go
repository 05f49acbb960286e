package lock_test

import (
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/lock"
)

// fixture is a table with a clock that the test moves and faults that it chooses.
type fixture struct {
	db    *dynamotest.Faults
	table string
	locks *lock.Store

	mu    sync.Mutex
	ahead time.Duration
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{db: &dynamotest.Faults{Client: dynamotest.Client(t)}}
	f.table = dynamotest.Tables(t, f.db.Client).Platform
	f.locks = f.instance(0)
	return f
}

// instance returns the store of another process whose clock differs by skew.
func (f *fixture) instance(skew time.Duration) *lock.Store {
	return f.with(lock.Config{Table: f.table}, skew)
}

func (f *fixture) with(cfg lock.Config, skew time.Duration) *lock.Store {
	return lock.New(f.db, cfg, func() time.Time {
		f.mu.Lock()
		defer f.mu.Unlock()
		return time.Now().Add(f.ahead + skew) //nolint:forbidigo // the real clock, moved
	})
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ahead += d
}

func (f *fixture) acquire(t *testing.T) lock.Lease {
	t.Helper()
	l, err := f.locks.Acquire(t.Context(), "series")
	require.NoError(t, err)
	return l
}

// writeProtected writes an item that the lock protects.
func (f *fixture) writeProtected(t *testing.T, l lock.Lease) error {
	t.Helper()
	_, err := dynamo.Update(t.Context(), f.db, f.table, dynamo.Key("THING", "THING"),
		l.SetFence("fence"), l.Condition("fence"), types.ReturnValueNone)
	return err
}

func lockKey() dynamo.Item { return dynamo.Key("LOCK#series", "LOCK") }
