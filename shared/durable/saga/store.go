package saga

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
)

// API is the part of the DynamoDB client that a Store calls.
type API interface {
	idempotency.API
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Config of a Store. Zero durations take the defaults that stand behind them.
type Config struct {
	Table               string
	Deadline            time.Duration // from Begin until recovery takes an open saga up; 15 s
	HandOff             time.Duration // the same for a saga accepted for the queue; 5 min
	CompensationTimeout time.Duration // from the start of a compensation until it counts as lost; 30 s
	Archive             time.Duration // how long an ended saga can be looked at; 90 days
}

// Store keeps sagas in the records of the keys that opened them.
type Store struct {
	db   API
	keys *idempotency.Store
	cfg  Config
	now  func() time.Time
	lead *lock.Lease // of recovery's leader; nil for everybody else
	tell func(ctx context.Context, outcome string)
}

// NewStore returns a Store over the same table as keys.
func NewStore(db API, keys *idempotency.Store, cfg Config, now func() time.Time) *Store {
	for d, fallback := range map[*time.Duration]time.Duration{
		&cfg.Deadline: 15 * time.Second, &cfg.HandOff: 5 * time.Minute,
		&cfg.CompensationTimeout: 30 * time.Second, &cfg.Archive: 90 * 24 * time.Hour,
	} {
		if *d == 0 {
			*d = fallback
		}
	}
	return &Store{db: db, keys: keys, cfg: cfg, now: now, tell: func(context.Context, string) {}}
}

// Open returns a Store over one table, its keys included, with every default.
func Open(db API, table string, now func() time.Time) *Store {
	return NewStore(db, idempotency.New(db, idempotency.Config{Table: table}, now), Config{Table: table}, now)
}

// Telling is the store with somebody told of each saga that it brings to an end, by the
// state in lower case: completed, aborted, compensated; or stuck.
func (s *Store) Telling(tell func(ctx context.Context, outcome string)) *Store {
	telling := *s
	telling.tell = tell
	return &telling
}

func (s *Store) notifyEnd(ctx context.Context, state State) {
	s.tell(ctx, strings.ToLower(string(state)))
}

// BeginInput is what a saga is begun with.
type BeginInput struct {
	MerchantID string
	Reserves   bool // it will ask for stock
}

// BeginResult is the finding of a claim, with the saga that stands behind the key.
type BeginResult struct {
	idempotency.Result
	Saga  Record
	Fresh bool // the claim opened the saga
}

// Begin claims the key and opens a saga in one write, or finds what stands in
// the way, waiting for another run as patience allows.
func (s *Store) Begin(ctx context.Context, key idempotency.Key, fingerprint string, o BeginInput, patience idempotency.WaitLimits) (BeginResult, error) {
	item, err := s.newItem(key.Hash(), o, s.cfg.Deadline)
	if err != nil {
		return BeginResult{}, err
	}
	f, err := s.keys.ClaimOrWait(ctx, key, fingerprint, item, patience)
	return beginResult(item, f, err)
}

// Accept opens a saga that somebody else will run: the queue's consumer, whose
// Begin resumes it.
func (s *Store) Accept(ctx context.Context, key idempotency.Key, fingerprint string, o BeginInput) (BeginResult, error) {
	item, err := s.newItem(key.Hash(), o, s.cfg.HandOff)
	if err != nil {
		return BeginResult{}, err
	}
	f, err := s.keys.Open(ctx, key, fingerprint, item)
	return beginResult(item, f, err)
}

func (s *Store) newItem(root string, o BeginInput, deadline time.Duration) (dynamo.Item, error) {
	now := s.now()
	return marshalWithoutKey(Record{
		SagaID: newID(root), MerchantID: o.MerchantID, State: Begun, Reserves: o.Reserves,
		BegunAt: now.UnixMilli(), DueShard: shardOf(root), Due: now.Add(deadline).UnixMilli(),
	})
}

// marshalWithoutKey leaves the attributes out that idempotency writes.
func marshalWithoutKey(r Record) (dynamo.Item, error) {
	item, err := attributevalue.MarshalMap(r)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"pk", "sk", "key_state", "owner", "fence", "lease_until", "fingerprint"} {
		delete(item, name)
	}
	return item, nil
}

func beginResult(offered dynamo.Item, f idempotency.Result, err error) (BeginResult, error) {
	if err != nil {
		return BeginResult{}, err
	}
	r, err := decode(f.Item)
	mine, _ := offered["saga_id"].(*types.AttributeValueMemberS)
	return BeginResult{Result: f, Saga: r, Fresh: f.Status == idempotency.Acquired && mine != nil && mine.Value == r.SagaID}, err
}

// Load reads a saga, current or archived. Error: problem.NotFound.
func (s *Store) Load(ctx context.Context, sagaID string) (Record, error) {
	root, ok := keyHashOf(sagaID)
	if !ok {
		return Record{}, notFound(sagaID)
	}
	r, err := s.get(ctx, idempotency.ItemKey(root))
	if err == nil && r.SagaID != sagaID {
		r, err = s.get(ctx, archiveKey(root, sagaID))
	}
	if err == nil && r.SagaID != sagaID {
		return Record{}, notFound(sagaID)
	}
	return r, err
}

func archiveKey(root, sagaID string) dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: idempotency.PartitionKey(root)},
		"sk": &types.AttributeValueMemberS{Value: sagaID},
	}
}

func (s *Store) get(ctx context.Context, key dynamo.Item) (Record, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.cfg.Table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return Record{}, fmt.Errorf("read a saga: %w", err)
	}
	return decode(out.Item)
}

// archiveItem is the put of an ended saga's last state, without its answer, under a
// key that no later saga of the same idempotency key overwrites.
func (s *Store) archiveItem(r Record) (dynamo.Item, error) {
	r.SK, r.Body, r.Due, r.DueShard = r.SagaID, nil, 0, ""
	r.PK = idempotency.PartitionKey(r.keyHash())
	r.TTL = s.now().Add(s.cfg.Archive).Unix()
	return attributevalue.MarshalMap(r)
}

// send writes a change alone. A refusal is returned as it came, with the record
// that refused; a lost reply is settled by landed, which looks at the record.
func (s *Store) send(ctx context.Context, c idempotency.Change, landed func(Record) bool) error {
	expr, err := expression.NewBuilder().WithUpdate(c.Update).WithCondition(c.Condition).Build()
	if err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.cfg.Table, Key: idempotency.ItemKey(c.KeyHash),
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if err == nil {
		return nil
	}
	seen, readErr := s.refusingRecord(ctx, c.KeyHash, err)
	if readErr == nil && landed(seen) {
		return nil
	}
	return err
}

// refusingRecord is the record that refused a write, or after a lost reply the record
// as it now stands.
func (s *Store) refusingRecord(ctx context.Context, root string, err error) (Record, error) {
	if item := dynamo.ConflictingItem(err); item != nil {
		return decode(item)
	}
	return s.get(ctx, idempotency.ItemKey(root))
}
