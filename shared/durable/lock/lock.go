// Package lock gives one holder at a time, across processes, the right to act under a name. It
// keeps its locks in DynamoDB.
//
// A lease can expire while its holder still works: the process was frozen, its clock is behind,
// or the network was slow. No lock can stop such a holder; only the data that it writes can. So
// each lease has a fence, a number that grows with every holder, and every write under a lock
// carries it:
//
//	locks.WithLock(ctx, "series-7", time.Second, func(ctx context.Context, lease lock.Lease) error {
//		_, err := db.UpdateItem(ctx, … lease.Condition("fence") …, lease.SetFence("fence") …)
//		return err
//	})
//
// The condition refuses a former holder's write, however late it arrives.
package lock

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Config configures a Store. Zero values mean the defaults noted on each field.
type Config struct {
	Table  string
	Lease  time.Duration // how long a lock is held without a renewal; default 10 s
	Margin time.Duration // subtracted from the context's deadline when a lease is taken; default 200 ms
	// OnAttempt is called after each attempt to acquire a lock, with its outcome: acquired, held
	// or error.
	OnAttempt func(ctx context.Context, outcome string)
}

// Store keeps locks in one table, an item per name. It has no state of its own.
type Store struct {
	db  dynamo.Updater
	cfg Config
	now func() time.Time
}

// New returns a Store. Clocks of different instances may differ: an instance whose clock is
// ahead takes a lease over early, and the fence then refuses the former holder's writes.
func New(db dynamo.Updater, cfg Config, now func() time.Time) *Store {
	cfg.Lease = cmp.Or(cfg.Lease, 10*time.Second)
	cfg.Margin = cmp.Or(cfg.Margin, 200*time.Millisecond)
	if cfg.OnAttempt == nil {
		cfg.OnAttempt = func(context.Context, string) {}
	}
	return &Store{db: db, cfg: cfg, now: now}
}

// Lease is the right to act under a name until Until, unless it is renewed.
type Lease struct {
	Name  string
	Owner string
	Fence int64 // larger than that of every earlier lease of this name
	Until time.Time
}

// HeldError is returned when another holder has the lock.
type HeldError struct {
	Name  string
	Until time.Time // end of the lease by the holder's clock, unless it is renewed
}

// Error implements error.
func (e *HeldError) Error() string {
	return fmt.Sprintf("lock %s is held until %s", e.Name, e.Until.UTC().Format(time.RFC3339Nano))
}

// ErrLost means that the lease is no longer the caller's: it expired and another holder took
// the lock, or the lock's item was deleted.
var ErrLost = errors.New("the lock is lost")

// Acquire acquires the lock in one call if it is free or its lease has expired. The lease never
// outlasts ctx. Acquire recognises its own write after a lost reply. Errors: *HeldError;
// context.DeadlineExceeded when ctx has less time left than Margin; what DynamoDB returned
// after its retries.
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
	until, err := s.leaseEnd(ctx)
	if err != nil {
		return Lease{}, err
	}
	free := expression.AttributeNotExists(expression.Name(owner)).
		Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().UnixMilli())))
	// The first fence of an item is the clock in milliseconds. So fences grow even after the item
	// was deleted: no lock changes hands a thousand times a second for long.
	first := expression.Value(s.now().UnixMilli())
	next := expression.Plus(expression.IfNotExists(expression.Name(fence), first), expression.Value(1))
	item, err := s.update(ctx, name, free, expression.
		Set(expression.Name(owner), expression.Value(l.Owner)).
		Set(expression.Name(fence), next).
		Set(expression.Name(leaseUntil), expression.Value(until.UnixMilli())))
	if err == nil || (dynamo.ConditionFailed(err) && ownerOf(item) == l.Owner) {
		return l.withItem(item)
	}
	if dynamo.ConditionFailed(err) {
		return Lease{}, heldError(name, item)
	}
	return Lease{}, fmt.Errorf("acquire lock %s: %w", name, err)
}

// Renew extends the lease to its full length from now, bounded by ctx. Error: ErrLost.
func (s *Store) Renew(ctx context.Context, l Lease) (Lease, error) {
	until, err := s.leaseEnd(ctx)
	if err != nil {
		return l, err
	}
	extend := expression.Set(expression.Name(leaseUntil), expression.Value(until.UnixMilli()))
	if _, err := s.update(ctx, l.Name, l.ownedBy(), extend); err != nil {
		return l, ownerError(err, "renew lock "+l.Name)
	}
	l.Until = until
	return l, nil
}

// Release frees the lock. Its fence stays in the item. A second Release does nothing. Error:
// ErrLost when another holder has had the lock since.
func (s *Store) Release(ctx context.Context, l Lease) error {
	free := expression.Remove(expression.Name(owner)).Remove(expression.Name(leaseUntil))
	item, err := s.update(ctx, l.Name, l.ownedBy(), free)
	if err == nil || (dynamo.ConditionFailed(err) && ownerOf(item) == "" && fenceOf(item) == l.Fence) {
		return nil // now, or by an earlier call
	}
	return ownerError(err, "release lock "+l.Name)
}

// leaseEnd returns the end of a lease that begins now.
func (s *Store) leaseEnd(ctx context.Context) (time.Time, error) {
	lease := s.cfg.Lease
	if deadline, ok := ctx.Deadline(); ok {
		lease = min(lease, time.Until(deadline)-s.cfg.Margin)
	}
	if lease <= 0 {
		return time.Time{}, context.DeadlineExceeded
	}
	return s.now().Add(lease), nil
}

// update sends a conditional write, and a second time if the outcome is unknown: the condition
// then shows whether the first one landed. It returns the item as the write left it, or as it
// was when the condition failed.
func (s *Store) update(
	ctx context.Context, name string, condition expression.ConditionBuilder, change expression.UpdateBuilder,
) (dynamo.Item, error) {
	send := func() (dynamo.Item, error) {
		return dynamo.Update(ctx, s.db, s.cfg.Table, itemKey(name), change, condition, types.ReturnValueAllNew)
	}
	item, err := send()
	if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {
		item, err = send()
	}
	if err != nil {
		return dynamo.ConflictingItem(err), err
	}
	return item, nil
}

// ownerError returns the error of an owner's write: ErrLost if its condition failed.
func ownerError(err error, action string) error {
	if dynamo.ConditionFailed(err) {
		return ErrLost
	}
	return fmt.Errorf("%s: %w", action, err)
}
