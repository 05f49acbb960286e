package idempotency

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the part of the DynamoDB client that a Store calls.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Config of a Store. Zero durations take the defaults that stand behind them.
type Config struct {
	Table     string
	Retention time.Duration // how long an answer is replayed; 24 h
	Lease     time.Duration // the longest a claim may hold; 15 s
	Margin    time.Duration // of the caller's time left, what a lease leaves free; 200 ms
	Cache     int           // bytes of memory for answers that were replayed once; 0 for none
}

// Store keeps keys in one table. It holds no state of its own but the cache.
type Store struct {
	db    API
	cfg   Config
	now   func() time.Time
	cache *cache
}

// New returns a Store. Clocks of different instances may differ: a clock that is
// ahead takes a lease over early, and the fence then refuses the former owner.
func New(db API, cfg Config, now func() time.Time) *Store {
	cfg.Retention = orDefault(cfg.Retention, 24*time.Hour)
	cfg.Lease = orDefault(cfg.Lease, 15*time.Second)
	cfg.Margin = orDefault(cfg.Margin, 200*time.Millisecond)
	return &Store{db: db, cfg: cfg, now: now, cache: newCache(cfg.Cache)}
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// Status says what a claim found.
type Status int

const (
	// Acquired means that the caller owns the key until Claim.Until. When Claim.Resumed is set,
	// an earlier owner began and did not finish: go on from its record.
	Acquired Status = iota
	// Replay means that the key is answered; the record holds the answer.
	Replay
	// InProgress means that another owner works on it.
	InProgress
	// Compensating means that what an earlier run did is being undone.
	Compensating
	// Mismatch means that the key was used with another payload.
	Mismatch
	available // free, or its answer has expired: it can be claimed as it was seen
)

// Claim is the right to work on a key.
type Claim struct {
	KeyHash string
	Owner   string
	Fence   int64
	Until   time.Time
	Resumed bool
}

// Result is a claim's verdict with the record it rests on. Item is that record
// whole, with the attributes that the claimant put beside it.
type Result struct {
	Status Status
	Claim  Claim
	Record Record
	Item   dynamo.Item
	Waited bool // for another owner, who was at work first
}

var errContended = errors.New("the key's record kept changing")

// Claim takes the key in one conditional write, putting the attributes of beside
// into the same item; a key that was used before, and is free again, takes a second
// one. Refused, it says why, in the same call. The lease never outlasts ctx. Errors:
// what DynamoDB returned, once its retries were used up.
func (s *Store) Claim(ctx context.Context, key Key, fingerprint string, beside dynamo.Item) (Result, error) {
	mine := s.claimFor(ctx, key, s.cfg.Lease)
	if f, known := s.cache.get(mine.KeyHash, s.now()); known {
		if f.Record.Fingerprint != fingerprint {
			f.Status = Mismatch
		}
		return f, nil
	}
	f, err := s.claim(ctx, mine, fingerprint, beside)
	if err == nil && f.Status == Replay {
		s.cache.put(mine.KeyHash, f)
	}
	return f, err
}

// Open takes the key for whoever comes next: the lease is over at once, so the
// first claim of the same payload takes it over, as the first to work on it. It
// serves work that is handed on.
func (s *Store) Open(ctx context.Context, key Key, fingerprint string, beside dynamo.Item) (Result, error) {
	nobodys := s.claimFor(ctx, key, 0)
	nobodys.Fence = 0
	return s.claim(ctx, nobodys, fingerprint, beside)
}

func (s *Store) claimFor(ctx context.Context, key Key, lease time.Duration) Claim {
	if deadline, ok := ctx.Deadline(); ok && lease > 0 {
		lease = max(0, min(lease, time.Until(deadline)-s.cfg.Margin))
	}
	return Claim{KeyHash: key.Hash(), Owner: rand.Text(), Fence: 1, Until: s.now().Add(lease)}
}

func (s *Store) claim(ctx context.Context, mine Claim, fingerprint string, beside dynamo.Item) (Result, error) {
	const rounds = 4 // each lost round means that another writer moved the record
	for range rounds {
		f, err := s.put(ctx, mine, fingerprint, beside, expression.AttributeNotExists(expression.Name("pk")))
		if err == nil && f.Status == available {
			f, err = s.put(ctx, mine, fingerprint, beside, isUnchanged(f.Record))
		}
		if dynamo.OutcomeUnknown(err) {
			f, err = s.reread(ctx, mine, fingerprint)
		}
		if err == nil && f.Status == InProgress && mine.Until.After(s.now()) && f.Record.leaseExpired(s.now()) {
			f, err = s.takeOver(ctx, mine, f)
		}
		if err == nil && f.Status == available {
			err = errContended
		}
		if !errors.Is(err, errContended) {
			return f, err
		}
	}
	return Result{}, errContended
}

// put writes the claimant's record, if the one in its place is as the condition says.
func (s *Store) put(ctx context.Context, mine Claim, fingerprint string, beside dynamo.Item, cond expression.ConditionBuilder) (Result, error) {
	item, err := s.item(mine, fingerprint, beside)
	if err != nil {
		return Result{}, err
	}
	expr, err := expression.NewBuilder().WithCondition(cond).Build()
	if err != nil {
		return Result{}, err
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.cfg.Table, Item: item,
		ConditionExpression: expr.Condition(), ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if dynamo.ConditionFailed(err) {
		return s.read(mine, fingerprint, dynamo.ConflictingItem(err))
	}
	if err != nil {
		return Result{}, fmt.Errorf("claim a key: %w", err)
	}
	return s.read(mine, fingerprint, item)
}

// isUnchanged names the record that is replaced. A copy of the claim that arrives after
// its own run has ended finds another one, and cannot open the ended saga again.
func isUnchanged(r Record) expression.ConditionBuilder {
	return expression.Name("key_state").Equal(expression.Value(r.KeyState)).
		And(expression.Name("owner").Equal(expression.Value(r.Owner))).
		And(expression.Name("fence").Equal(expression.Value(r.Fence)))
}

func (s *Store) item(mine Claim, fingerprint string, beside dynamo.Item) (dynamo.Item, error) {
	item, err := attributevalue.MarshalMap(Record{
		PK: PartitionKey(mine.KeyHash), SK: current, KeyState: Open,
		Owner: mine.Owner, Fence: mine.Fence, LeaseUntil: mine.Until.UnixMilli(), Fingerprint: fingerprint,
	})
	if err != nil {
		return nil, err
	}
	maps.Copy(item, beside)
	return item, nil
}

// read turns a record into a verdict. The claimant's own owner token in it means
// that its write had landed and only the reply was lost.
func (s *Store) read(mine Claim, fingerprint string, item dynamo.Item) (Result, error) {
	if len(item) == 0 {
		return Result{}, errContended
	}
	r, err := decode(item)
	if err != nil {
		return Result{}, err
	}
	f := Result{Record: r, Item: item}
	switch {
	case r.Owner == mine.Owner && r.KeyState == Open:
		mine.Fence, mine.Resumed = r.Fence, r.Fence > 1
		f.Status, f.Claim = Acquired, mine
	case r.KeyState == Released || r.expired(s.now()): // DynamoDB's TTL deletes days late
		f.Status = available
	case r.Fingerprint != fingerprint:
		f.Status = Mismatch
	case r.KeyState == Done:
		f.Status = Replay
	case r.KeyState == Locked:
		f.Status = Compensating
	default:
		f.Status = InProgress
	}
	return f, nil
}

// reread settles a claim whose reply was lost.
func (s *Store) reread(ctx context.Context, mine Claim, fingerprint string) (Result, error) {
	item, err := s.get(ctx, mine.KeyHash)
	if err != nil {
		return Result{}, err
	}
	return s.read(mine, fingerprint, item)
}

func (s *Store) get(ctx context.Context, root string) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.cfg.Table, Key: ItemKey(root), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read a key's record: %w", err)
	}
	return out.Item, nil
}

// takeOver moves a claim whose lease is over to a new owner, once: the condition
// names the owner and the fence that were seen.
func (s *Store) takeOver(ctx context.Context, mine Claim, seen Result) (Result, error) {
	mine.Fence = seen.Record.Fence + 1
	expr, err := expression.NewBuilder().
		WithCondition(ownedBy(seen.Record.Owner, seen.Record.Fence)).
		WithUpdate(expression.
			Set(expression.Name("owner"), expression.Value(mine.Owner)).
			Set(expression.Name("fence"), expression.Value(mine.Fence)).
			Set(expression.Name("lease_until"), expression.Value(mine.Until.UnixMilli()))).Build()
	if err != nil {
		return Result{}, err
	}
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.cfg.Table, Key: ItemKey(mine.KeyHash),
		ConditionExpression: expr.Condition(), UpdateExpression: expr.Update(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	switch {
	case dynamo.ConditionFailed(err):
		return s.read(mine, seen.Record.Fingerprint, dynamo.ConflictingItem(err))
	case dynamo.OutcomeUnknown(err):
		f, err := s.reread(ctx, mine, seen.Record.Fingerprint)
		if err == nil && f.Status == InProgress && f.Record.leaseExpired(s.now()) {
			err = errContended // the write was lost: once more
		}
		return f, err
	case err != nil:
		return Result{}, fmt.Errorf("take a key over: %w", err)
	}
	return s.read(mine, seen.Record.Fingerprint, out.Attributes)
}

// ownedBy is the condition of every write by a claim's owner.
func ownedBy(owner string, fence int64) expression.ConditionBuilder {
	return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})
}
