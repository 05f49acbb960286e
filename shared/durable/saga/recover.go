package saga

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
)

// Waits of what recovery tries again. It looks once a minute, so a wait of half a minute
// ends before the next look, and after the look that began it.
const (
	firstNudge   = time.Minute
	firstRedrive = 30 * time.Second
	longestWait  = time.Hour
)

// redriveWait is none for a saga that has just become stuck, then half a minute, and
// from there it doubles to an hour. A fault of a minute sees one look of recovery, so
// the look after its end redrives whatever it left stuck.
func redriveWait(redrive int) time.Duration {
	if redrive == 0 {
		return 0
	}
	return backoff(firstRedrive, redrive-1)
}

// backoff is first, backoff n times, and an hour at most.
func backoff(first time.Duration, n int) time.Duration {
	for range min(n, 12) {
		first *= 2
	}
	return min(first, longestWait)
}

// ledBy is the attribute that keeps the fence of the last leader that moved a saga.
const ledBy = "led_by"

// WithFence is the store in the hands of recovery's leader: what it moves by Abandon,
// Redrive, Nudged and Postpone it moves only while no later leader has moved it.
func (s *Store) WithFence(lead lock.Lease) *Store {
	led := *s
	led.lead = &lead
	return &led
}

func (s *Store) fenced(c idempotency.Change) idempotency.Change {
	if s.lead == nil {
		return c
	}
	return c.And(s.lead.Condition(ledBy)).Set(ledBy, s.lead.Fence)
}

// Due lists up to limit sagas of each shard whose deadline has passed, from every
// shard of the sparse index: no scan, and a cost that follows what is wrong, not what
// is stored. The index lags behind the table, so each saga is read again. An error
// comes beside what could be read.
func (s *Store) Due(ctx context.Context, limit int) ([]Record, error) {
	now := s.now()
	return s.open(ctx, now, limit, func(r Record) bool { return r.Due != 0 && r.Overdue(now) >= 0 })
}

// Stuck lists up to limit sagas of each shard that are stuck, wherever their next
// redrive lies.
func (s *Store) Stuck(ctx context.Context, limit int) ([]Record, error) {
	return s.open(ctx, s.now().Add(longestWait), limit, func(r Record) bool { return r.State == Stuck })
}

// open lists the sagas due by until which are wanted. A shard or a record that
// cannot be read does not hide the others: its error comes with what was found.
func (s *Store) open(ctx context.Context, until time.Time, limit int, wanted func(Record) bool) ([]Record, error) {
	var found []Record
	var failed []error
	for shard := range dueShards {
		keys, err := s.dueIn(ctx, strconv.Itoa(shard), until, limit)
		failed = append(failed, err)
		for _, key := range keys {
			r, err := s.get(ctx, key)
			failed = append(failed, err)
			if err == nil && wanted(r) {
				found = append(found, r)
			}
		}
	}
	return found, errors.Join(failed...)
}

func (s *Store) dueIn(ctx context.Context, shard string, until time.Time, limit int) ([]dynamo.Item, error) {
	expr, err := expression.NewBuilder().WithKeyCondition(
		expression.Key("due_shard").Equal(expression.Value(shard)).
			And(expression.Key("due").LessThanEqual(expression.Value(until.UnixMilli())))).Build()
	if err != nil {
		return nil, err
	}
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.cfg.Table, IndexName: aws.String("due"), Limit: aws.Int32(int32(limit)), //nolint:gosec // a small constant
		KeyConditionExpression: expr.KeyCondition(), ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	if err != nil {
		return nil, fmt.Errorf("query due sagas: %w", err)
	}
	keys := make([]dynamo.Item, 0, len(out.Items))
	for _, item := range out.Items {
		keys = append(keys, dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
	}
	return keys, nil
}

// Abandon turns a saga whose owner's lease is over towards compensation, or ends
// it where nothing can have been done. While the lease still runs it puts the
// saga off until its end.
func (s *Store) Abandon(ctx context.Context, r Record, undo []string) (Record, error) {
	const reason = "abandoned"
	switch {
	case !s.keys.LeaseExpired(r.Record):
		return r, s.Postpone(ctx, r, time.UnixMilli(r.LeaseUntil))
	case len(undo) == 0:
		freed := s.fenced(s.keys.ReleaseExpired(r.keyHash(), r.Record, idempotency.Released).And(isUnchanged(r)))
		r.State, r.KeyState, r.Reason = Aborted, idempotency.Released, reason
		return r, s.end(ctx, freed, r)
	default:
		held := s.fenced(s.keys.ReleaseExpired(r.keyHash(), r.Record, idempotency.Locked).And(isUnchanged(r)))
		return s.compensate(ctx, held, r, RunResult{Pending: undo}, reason)
	}
}

// Redrive begins the compensation of a saga again, from what is still owed.
func (s *Store) Redrive(ctx context.Context, r Record) (Record, error) {
	if r.State != Stuck && r.State != Compensating {
		return r, ErrLost
	}
	c := s.fenced(idempotency.Change{
		KeyHash: r.keyHash(), Condition: isUnchanged(r),
		Update: expression.Set(expression.Name("state"), expression.Value(Compensating)),
	})
	r.State, r.Due = Compensating, s.now().Add(max(s.cfg.CompensationTimeout, redriveWait(r.Redrive)/2)).UnixMilli()
	r.Redrive++
	want := r
	err := s.send(ctx, c.Set("redrive", r.Redrive).Set("due", r.Due), func(now Record) bool {
		return now.SagaID == want.SagaID && now.Redrive == want.Redrive && now.Due == want.Due
	})
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	return r, err
}

// AuditRetried puts a committed saga off after its audit was nudged once more.
func (s *Store) AuditRetried(ctx context.Context, r Record) error {
	c := s.postponeChange(r, s.now().Add(backoff(firstNudge, r.AuditAttempts))).Set("nudges", r.AuditAttempts+1)
	return s.ignoreMoved(s.send(ctx, c, func(Record) bool { return false }))
}

// Dismiss takes an ended saga, which somebody's hand made due, out of the index.
func (s *Store) Dismiss(ctx context.Context, r Record) error {
	c := s.fenced(idempotency.Change{KeyHash: r.keyHash(), Condition: isUnchanged(r), Update: expression.Remove(expression.Name("due")).Remove(expression.Name("due_shard"))})
	return s.ignoreMoved(s.send(ctx, c, func(now Record) bool { return now.Due == 0 }))
}

// Postpone has recovery look at the saga again at a later time.
func (s *Store) Postpone(ctx context.Context, r Record, until time.Time) error {
	return s.ignoreMoved(s.send(ctx, s.postponeChange(r, until), func(Record) bool { return false }))
}

func (s *Store) postponeChange(r Record, until time.Time) idempotency.Change {
	return s.fenced(idempotency.Change{
		KeyHash:   r.keyHash(),
		Condition: isUnchanged(r).And(expression.Name("due").Equal(expression.Value(r.Due))),
		Update:    expression.Set(expression.Name("due"), expression.Value(until.UnixMilli())),
	})
}

// ignoreMoved takes a refusal for success: somebody else has moved the saga on.
func (s *Store) ignoreMoved(err error) error {
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}
