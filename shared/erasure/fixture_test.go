package erasure_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/retention"
)

const merchantID = "merchant-1"

// Times before and after the DPDP rule of the minimum year is in force.
var (
	before = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant
	after  = time.Date(2028, 4, 1, 9, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant
)

// fixture is a keys table, a clock that tests move, and the acts that were recorded.
type fixture struct {
	*erasure.Store

	db    *steps
	table string
	keys  *privacy.Store

	mu    sync.Mutex
	clock time.Time
	acts  []events.Act
	lost  bool // acts cannot be recorded
}

// steps is a database that does something before a call.
type steps struct {
	*dynamotest.Faults

	mu     sync.Mutex
	before func(call int) // nil for nothing
	calls  int
}

func (s *steps) step() {
	s.mu.Lock()
	s.calls++
	do, n := s.before, s.calls
	s.mu.Unlock()
	if do != nil {
		do(n)
	}
}

func (s *steps) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	s.step()
	return s.Faults.GetItem(ctx, in, o...)
}

func (s *steps) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	s.step()
	return s.Faults.Query(ctx, in, o...)
}

func (s *steps) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	s.step()
	return s.Faults.TransactWriteItems(ctx, in, o...)
}

func setup(t *testing.T, now time.Time) *fixture {
	t.Helper()
	return setupOver(t, dynamotest.Client(t), now)
}

func setupOver(t *testing.T, client *dynamodb.Client, now time.Time) *fixture {
	t.Helper()
	f := &fixture{db: &steps{Faults: &dynamotest.Faults{Client: client}}, clock: now}
	f.table = dynamotest.Tables(t, client).Keys
	f.keys = privacy.NewStore(f.db, f.table, f.now)
	f.Store = f.over(f.db)
	return f
}

// over returns the store of an instance with its own way to the database.
func (f *fixture) over(db *steps) *erasure.Store {
	return erasure.NewStore(db, erasure.Config{
		Table: f.table, Keys: privacy.NewStore(db, f.table, f.now), Acts: f, Now: f.now,
	})
}

// undisturbed returns the store of an instance that no test disturbs.
func (f *fixture) undisturbed() *erasure.Store {
	return f.over(&steps{Faults: &dynamotest.Faults{Client: f.db.Client}})
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clock
}

func (f *fixture) setClock(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = now
}

// Record records an act once.
func (f *fixture) Record(_ context.Context, act events.Act) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost {
		return errors.New("the queue is away")
	}
	for _, known := range f.acts {
		if known.ID == act.ID {
			return nil
		}
	}
	f.acts = append(f.acts, act)
	return nil
}

func (f *fixture) actions() (names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, act := range f.acts {
		names = append(names, act.Action)
	}
	return names
}

// give gives a buyer a key, as its first invoice does, and returns the id of the key.
func (f *fixture) give(t *testing.T, subject string) string {
	t.Helper()
	k := privacy.NewKey()
	item, err := f.keys.PutKey(merchantID, subject, k)
	require.NoError(t, err)
	require.NoError(t, dynamo.Transact(t.Context(), f.db.Client, item))
	return k.ID()
}

// item reads an item of a buyer.
func (f *fixture) item(t *testing.T, subject, sk string) dynamo.Item {
	t.Helper()
	out, err := f.db.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.table, Key: dynamo.Key("SUBJECT#"+merchantID+"#"+subject, sk), ConsistentRead: aws.Bool(true),
	})
	require.NoError(t, err)
	return out.Item
}

// keyOf returns the id of the key that readers see.
func (f *fixture) keyOf(t *testing.T, subject string) string {
	t.Helper()
	state, err := f.keys.State(t.Context(), merchantID, subject)
	require.NoError(t, err)
	return state.ID
}

func request(law retention.Law, processed time.Time, subjects ...string) erasure.Request {
	return erasure.Request{
		MerchantID: merchantID, Subjects: subjects, Law: law, Actor: "cl_1", Processed: processed,
		Kept: []erasure.Kept{{
			Fields: []string{"document"}, FinancialYear: "2526", Until: "2034-03-31", Basis: []string{"CGST Act 2017, s.36"},
		}},
	}
}

func hold(id string, subjects ...string) erasure.Hold {
	return erasure.Hold{ID: id, Reason: "an appeal", Subjects: subjects, CreatedBy: "cl_1"}
}

func isProblem(code string) error { return &problem.Error{Code: code} }
