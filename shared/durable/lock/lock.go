// Package lock gives one holder at a time the right to act under a name, across
// processes, on DynamoDB.
//
// A lease can end while its holder still works: the process was frozen, its clock
// is behind, the network was slow. No lock can stop such a holder; only what it
// writes to can. So each lease has a fence, a number that grows with every holder,
// and every write done under a lock carries it:
//
//	locks.WithLock(ctx, "series-7", time.Second, func(ctx context.Context, held lock.Lease) error {
//		_, err := db.UpdateItem(ctx, … held.Condition("fence") …, held.Mark("fence") …)
//		return err
//	})
//
// A former holder's write is then refused, however late it comes.
package lock

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the part of the DynamoDB client that a Store calls.
type API interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Config of a Store. Zero durations take the defaults that stand behind them.
type Config struct {
	Table  string
	Lease  time.Duration // how long a lock is held without a renewal; 10 s
	Margin time.Duration // of the caller's time left, what a lease leaves free; 200 ms
	// Tell is told of each attempt: acquired, held or error. Nil when nobody wants to know.
	OnAttempt func(ctx context.Context, outcome string)
}

// Store keeps locks in one table, an item for each name. It holds no state of its
// own.
type Store struct {
	db  API
	cfg Config
	now func() time.Time
}

// New returns a Store. Clocks of different instances may differ: one that is
// ahead takes a lease over early, and the fence then refuses the former holder.
func New(db API, cfg Config, now func() time.Time) *Store {
	if cfg.Lease == 0 {
		cfg.Lease = 10 * time.Second
	}
	if cfg.Margin == 0 {
		cfg.Margin = 200 * time.Millisecond
	}
	if cfg.OnAttempt == nil {
		cfg.OnAttempt = func(context.Context, string) {}
	}
	return &Store{db: db, cfg: cfg, now: now}
}

// Lease is the right to act under a name until Until, unless it is renewed.
type Lease struct {
	Name  string
	Owner string
	Fence int64 // larger than that of every lease of this name before
	Until time.Time
}

// HeldError says that somebody else holds the lock.
type HeldError struct {
	Name  string
	Until time.Time // by the holder's clock, unless it is renewed
}

// Error implements error.
func (e *HeldError) Error() string {
	return fmt.Sprintf("lock %s is held until %s", e.Name, e.Until.UTC().Format(time.RFC3339Nano))
}

// ErrLost means that the lease is no longer the caller's: it ended, and another
// holder has the lock or had it, or its item was deleted.
var ErrLost = errors.New("the lock is lost")

// Acquire takes the lock in one call if it is free or its lease is over. The lease
// never outlasts ctx. A write of its own whose reply was lost is recognised.
// Errors: *HeldError; context.DeadlineExceeded when ctx has less time left than
// the margin; what DynamoDB returned, once its retries were used up.
func (s *Store) Acquire(ctx context.Context, name string) (Lease, error) {
	l, err := s.acquire(ctx, name)
	s.cfg.OnAttempt(ctx, outcome(err))
	return l, err
}

func outcome(err error) string {
	if err == nil {
		return "acquired"
	}
	if _, ok := errors.AsType[*HeldError](err); ok {
		return "held"
	}
	return "error"
}

func (s *Store) acquire(ctx context.Context, name string) (Lease, error) {
	l := Lease{Name: name, Owner: rand.Text()}
	until, err := s.until(ctx)
	if err != nil {
		return Lease{}, err
	}
	free := expression.AttributeNotExists(expression.Name(owner)).
		Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().UnixMilli())))
	// A lock whose item is gone goes on from the clock, in milliseconds, so that its
	// fences still grow: no lock changes hands a thousand times a second for long.
	next := expression.Plus(expression.IfNotExists(expression.Name(fence), expression.Value(s.now().UnixMilli())), expression.Value(1))
	item, err := s.update(ctx, name, free, expression.
		Set(expression.Name(owner), expression.Value(l.Owner)).
		Set(expression.Name(fence), next).
		Set(expression.Name(leaseUntil), expression.Value(until.UnixMilli())))
	if err == nil || (dynamo.ConditionFailed(err) && ownerOf(item) == l.Owner) {
		return l.withItem(item)
	}
	if dynamo.ConditionFailed(err) {
		return Lease{}, held(name, item)
	}
	return Lease{}, fmt.Errorf("acquire lock %s: %w", name, err)
}

// Renew gives the lease its full length again, bounded by ctx. Error: ErrLost.
func (s *Store) Renew(ctx context.Context, l Lease) (Lease, error) {
	until, err := s.until(ctx)
	if err != nil {
		return l, err
	}
	_, err = s.update(ctx, l.Name, l.ownedBy(), expression.Set(expression.Name(leaseUntil), expression.Value(until.UnixMilli())))
	if err == nil {
		l.Until = until
		return l, nil
	}
	return l, lost(err, "renew lock "+l.Name)
}

// Release frees the lock at once. Its fence stays in the item. Releasing twice is
// harmless. Error: ErrLost when another holder has had it meanwhile.
func (s *Store) Release(ctx context.Context, l Lease) error {
	item, err := s.update(ctx, l.Name, l.ownedBy(), expression.Remove(expression.Name(owner)).Remove(expression.Name(leaseUntil)))
	if dynamo.ConditionFailed(err) && ownerOf(item) == "" && fenceOf(item) == l.Fence {
		return nil // done before: its reply was lost
	}
	return lost(err, "release lock "+l.Name)
}

// until is the end of a lease taken now.
func (s *Store) until(ctx context.Context) (time.Time, error) {
	lease := s.cfg.Lease
	if deadline, ok := ctx.Deadline(); ok {
		lease = min(lease, time.Until(deadline)-s.cfg.Margin)
	}
	if lease <= 0 {
		return time.Time{}, context.DeadlineExceeded
	}
	return s.now().Add(lease), nil
}

// update sends a conditional write, once more if nobody knows whether it landed:
// the condition then tells. It returns the item as the write left it, or as it
// refused the write.
func (s *Store) update(ctx context.Context, name string, cond expression.ConditionBuilder, change expression.UpdateBuilder) (dynamo.Item, error) {
	expr, err := expression.NewBuilder().WithCondition(cond).WithUpdate(change).Build()
	if err != nil {
		return nil, err
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &s.cfg.Table, Key: itemKey(name),
		ConditionExpression: expr.Condition(), UpdateExpression: expr.Update(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	out, err := s.db.UpdateItem(ctx, in)
	if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {
		out, err = s.db.UpdateItem(ctx, in)
	}
	if err != nil {
		return dynamo.ConflictingItem(err), err
	}
	return out.Attributes, nil
}

func lost(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case dynamo.ConditionFailed(err):
		return ErrLost
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}
