package saga

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
)

var (
	// ErrLost means that the saga has another owner, or is no longer in the state that the
	// change starts from. The caller reads the saga again and writes nothing.
	ErrLost = errors.New("the saga has moved on")
	// ErrCommitted means that the saga's commit landed first.
	ErrCommitted = errors.New("the saga is committed")
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	idempotency.API
	BatchGetItem(
		context.Context,
		*dynamodb.BatchGetItemInput,
		...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config of a Store. Zero durations mean the defaults noted on each field.
type Config struct {
	Table string
	// Release names the version of the code, at most 12 bytes; each saga has that which began it.
	Release string
	// Deadline is the time from Begin until recovery takes over an open saga. Default 15 s.
	Deadline time.Duration
	// HandOff is how long the queue may keep the message of an accepted request. Default 14 days,
	// the longest that SQS keeps one.
	HandOff time.Duration
	// StartTimeout is the time after which a compensation counts as lost whose start is not
	// recorded. Default 30 s.
	StartTimeout time.Duration
	// Archive is how long an ended saga can be read, and its key is remembered. Default 90 days.
	Archive time.Duration
	// DueShards is how many shards of the index of due sagas new sagas are put into; default 64, at most
	// 1,024. Once it was above 64 it must not be lowered: nothing would read the shards above it.
	DueShards int
	// OnEnd, if set, is called for each saga that this store moves to a final state or to
	// STUCK. outcome is the state in lower case: completed, aborted, compensated, stuck.
	OnEnd func(ctx context.Context, outcome string)
}

const defaultArchive = 90 * 24 * time.Hour

// Store keeps sagas in the records of the idempotency keys that opened them.
type Store struct {
	db    API
	keys  *idempotency.Store
	cfg   Config
	now   func() time.Time
	lease *lock.Lease // of recovery's leader, see WithFence; else nil
}

// NewStore returns a Store over the same table as keys.
func NewStore(db API, keys *idempotency.Store, cfg Config, now func() time.Time) *Store {
	cfg.Deadline = cmp.Or(cfg.Deadline, 15*time.Second)
	cfg.HandOff = cmp.Or(cfg.HandOff, 14*24*time.Hour)
	cfg.StartTimeout = cmp.Or(cfg.StartTimeout, 30*time.Second)
	cfg.Archive = cmp.Or(cfg.Archive, defaultArchive)
	cfg.DueShards = min(cmp.Or(cfg.DueShards, defaultDueShards), maxDueShards)
	return &Store{db: db, keys: keys, cfg: cfg, now: now}
}

// Open returns a Store with its own keys over cfg.Table, which are remembered for cfg.Archive.
func Open(db API, cfg Config, now func() time.Time) *Store {
	keys := idempotency.Config{Table: cfg.Table, Memory: cmp.Or(cfg.Archive, defaultArchive)}
	return NewStore(db, idempotency.New(db, keys, now), cfg, now)
}

// Load reads a saga, current or archived. Error: problem.NotFound.
func (s *Store) Load(ctx context.Context, sagaID string) (Record, error) {
	r, err := s.current(ctx, sagaID)
	if err != nil || r.SagaID == sagaID {
		return r, err
	}
	return s.archived(ctx, sagaID)
}

// current returns the record of the key that opened the saga, whatever saga it now holds.
func (s *Store) current(ctx context.Context, sagaID string) (Record, error) {
	hash, ok := keyHashOf(sagaID)
	if !ok {
		return Record{}, notFound(sagaID)
	}
	return s.get(ctx, idempotency.ItemKey(hash))
}

func (s *Store) archived(ctx context.Context, sagaID string) (Record, error) {
	hash, _ := keyHashOf(sagaID)
	r, err := s.get(ctx, archiveKey(hash, sagaID))
	if err == nil && r.SagaID != sagaID {
		return Record{}, notFound(sagaID)
	}
	return r, err
}

func (s *Store) get(ctx context.Context, key dynamo.Item) (Record, error) {
	out, err := s.db.GetItem(
		ctx,
		&dynamodb.GetItemInput{TableName: &s.cfg.Table, Key: key, ConsistentRead: aws.Bool(true)},
	)
	if err != nil {
		return Record{}, fmt.Errorf("read a saga: %w", err)
	}
	return decode(out.Item)
}

// change starts an update that moves r, as it was read, to another state.
func change(r Record, next State) idempotency.Change {
	return idempotency.Change{
		KeyHash: r.keyHash(), Condition: isUnchanged(r),
		Update: expression.Set(expression.Name("state"), expression.Value(next)),
	}
}

// isUnchanged is the condition that the saga has not moved since r was read.
func isUnchanged(r Record) expression.ConditionBuilder {
	return expression.Name("saga_id").Equal(expression.Value(r.SagaID)).
		And(expression.Name("state").Equal(expression.Value(r.State))).
		And(redriveIs(r.Redrive))
}

func redriveIs(n int) expression.ConditionBuilder {
	is := expression.Name("redrive").Equal(expression.Value(n))
	if n == 0 {
		return is.Or(expression.AttributeNotExists(expression.Name("redrive")))
	}
	return is
}

// update writes a change alone. A refused condition is returned as it came; after a
// lost reply landed decides, by the record, whether the write had landed.
func (s *Store) update(ctx context.Context, c idempotency.Change, landed func(Record) bool) error {
	_, err := dynamo.Update(
		ctx,
		s.db,
		s.cfg.Table,
		idempotency.ItemKey(c.KeyHash),
		c.Update,
		c.Condition,
		types.ReturnValueNone,
	)
	if err == nil {
		return nil
	}
	if seen, readErr := s.refusingRecord(ctx, c.KeyHash, err); readErr == nil && landed(seen) {
		return nil
	}
	return err
}

// refusingRecord returns the record that refused a write; after a lost reply, the
// record as it now is.
func (s *Store) refusingRecord(ctx context.Context, keyHash string, err error) (Record, error) {
	if item := dynamo.ConflictingItem(err); item != nil {
		return decode(item)
	}
	return s.get(ctx, idempotency.ItemKey(keyHash))
}
