package saga

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
)

// Waits before recovery retries. It runs once a minute, so a wait of half a minute ends
// before the next run, and after the run that started it.
const (
	firstAuditRetry = time.Minute
	firstRedrive    = 30 * time.Second
	longestWait     = time.Hour
)

// redriveWait is zero for a saga that has just become stuck, then half a minute, and
// from there it doubles up to an hour. So what a fault of one minute leaves stuck is
// redriven by the first run after its end.
func redriveWait(redrive int) time.Duration {
	if redrive == 0 {
		return 0
	}
	return backoff(firstRedrive, redrive-1)
}

// backoff returns first·2ⁿ, capped at one hour.
func backoff(first time.Duration, n int) time.Duration {
	for range min(n, 12) {
		first *= 2
	}
	return min(first, longestWait)
}

// leaderFence is the attribute with the fence of the last leader that moved a saga.
const leaderFence = "led_by"

// WithFence returns the store as recovery's leader uses it: Abandon, Redrive,
// AuditRetried, Dismiss and Postpone are refused once a later leader has moved the saga.
func (s *Store) WithFence(lease lock.Lease) *Store {
	fenced := *s
	fenced.lease = &lease
	return &fenced
}

func (s *Store) fenced(c idempotency.Change) idempotency.Change {
	if s.lease == nil {
		return c
	}
	return c.And(s.lease.Condition(leaderFence)).Set(leaderFence, s.lease.Fence)
}

// Abandon moves a BEGUN saga whose owner's lease has expired to COMPENSATING, or to
// ABORTED when no compensation is owed. While the lease is held it postpones the saga
// until its end.
func (s *Store) Abandon(ctx context.Context, r Record, owed []string) (Record, error) {
	const reason = "abandoned"
	expired := func(next idempotency.KeyState) idempotency.Change {
		return s.fenced(s.keys.ReleaseExpired(r.keyHash(), r.Record, next).And(isUnchanged(r)))
	}
	switch {
	case !s.keys.LeaseExpired(r.Record):
		return r, s.Postpone(ctx, r, time.UnixMilli(r.LeaseUntil))
	case len(owed) == 0:
		release := expired(idempotency.Released)
		r.State, r.KeyState, r.Reason = Aborted, idempotency.Released, reason
		return r, s.end(ctx, release, r)
	default:
		return s.compensate(ctx, expired(idempotency.Locked), r, RunResult{Pending: owed}, reason)
	}
}

// Redrive moves STUCK, or a saga whose execution was lost, to COMPENSATING or CANCELLING again,
// with what is still owed. Error: ErrLost.
func (s *Store) Redrive(ctx context.Context, r Record) (Record, error) {
	if r.State != Stuck && r.State != r.running() {
		return r, ErrLost
	}
	c := s.fenced(change(r, r.running()))
	r.State = r.running()
	r.Redrive++
	c = s.setDue(c, &r, s.now().Add(s.cfg.StartTimeout)).Set("redrive", r.Redrive).Set(attention, r.MerchantID)
	err := s.update(ctx, c, func(now Record) bool {
		return now.SagaID == r.SagaID && now.Redrive == r.Redrive && now.Due == r.Due
	})
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	return r, err
}

// AuditRetried postpones a COMMITTED saga after its audit request was sent again.
func (s *Store) AuditRetried(ctx context.Context, r Record) error {
	wait := backoff(firstAuditRetry, r.AuditAttempts)
	c := s.postponeChange(r, s.now().Add(wait)).Set("nudges", r.AuditAttempts+1)
	return ignoreMoved(s.update(ctx, c, func(Record) bool { return false }))
}

// Dismiss removes an ended saga from the recovery index.
func (s *Store) Dismiss(ctx context.Context, r Record) error {
	c := s.fenced(idempotency.Change{
		KeyHash: r.keyHash(), Condition: isUnchanged(r),
		Update: expression.Remove(expression.Name("due")).Remove(expression.Name("due_shard")),
	})
	return ignoreMoved(s.update(ctx, c, func(now Record) bool { return now.Due == 0 }))
}

// Postpone makes the saga due at a later time.
func (s *Store) Postpone(ctx context.Context, r Record, until time.Time) error {
	return ignoreMoved(s.update(ctx, s.postponeChange(r, until), func(Record) bool { return false }))
}

func (s *Store) postponeChange(r Record, until time.Time) idempotency.Change {
	c := idempotency.Change{
		KeyHash:   r.keyHash(),
		Condition: isUnchanged(r).And(expression.Name("due").Equal(expression.Value(r.Due))),
	}
	return s.fenced(s.setDue(c, &r, until))
}

// ignoreMoved treats a failed condition as success: the saga has been moved already.
func ignoreMoved(err error) error {
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}
