package idempotency_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

const fingerprint = "fingerprint"

// fixture is a store on a table of its own, with a clock that the test moves.
type fixture struct {
	*idempotency.Store
	db    *dynamotest.Faults
	table string
	clock time.Time
	key   idempotency.Key
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	f := &fixture{
		db: db, table: dynamotest.Tables(t, db.Client).Platform,
		clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		key:   idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"},
	}
	f.Store = idempotency.New(db, idempotency.Config{Table: f.table}, f.now)
	return f
}

func (f *fixture) now() time.Time { return f.clock }

func (f *fixture) advance(d time.Duration) { f.clock = f.clock.Add(d) }

// live returns a store with the real clock, for tests that wait.
func (f *fixture) live() *idempotency.Store {
	return idempotency.New(f.db, idempotency.Config{Table: f.table}, time.Now) //nolint:forbidigo // see above
}

func (f *fixture) claim(t *testing.T, fingerprint string) idempotency.Result {
	t.Helper()
	res, err := f.Claim(t.Context(), f.key, fingerprint,
		idempotency.Attributes{New: dynamo.Item{"note": dynamo.S("extra")}})
	require.NoError(t, err)
	return res
}

// send writes a change and reports whether its condition held.
func (f *fixture) send(t *testing.T, c idempotency.Change) bool {
	t.Helper()
	item, err := c.InTransaction(f.table)
	require.NoError(t, err)
	_, err = f.db.Client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{item},
	})
	if _, failed := dynamo.ConditionFailedAt(err, 0); failed {
		return false
	}
	require.NoError(t, err)
	return true
}

func (f *fixture) complete(t *testing.T, c idempotency.Claim, body string) bool {
	t.Helper()
	return f.send(t, completion(t, f.Store, c, body))
}

// completion returns the change that answers a key with body.
func completion(t *testing.T, s *idempotency.Store, c idempotency.Claim, body string) idempotency.Change {
	t.Helper()
	compressed, err := idempotency.Compress([]byte(body))
	require.NoError(t, err)
	change, err := s.Complete(c, 201, compressed)
	require.NoError(t, err)
	return change
}

// answer returns the stored answer of a replay.
func answer(t *testing.T, key idempotency.Key, res idempotency.Result) string {
	t.Helper()
	body, err := res.Record.Answer(key)
	require.NoError(t, err)
	return string(body)
}

func (f *fixture) once(t *testing.T, do func(context.Context) ([]byte, error)) (string, bool, error) {
	t.Helper()
	answer, replayed, err := f.Once(t.Context(), f.key, fingerprint, 0, do)
	return string(answer), replayed, err
}
