package saga

import (
	"context"
	"slices"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Settle records the end of an execution. When no owed step has failed, a compensated saga is
// COMPENSATED, which releases the key, and a cancelled invoice's is COMMITTED, due for its audit.
// Otherwise the saga is STUCK, due for a redrive after a wait that grows with each one. Settling
// twice gives the same state. Error: ErrLost when a later execution has the saga.
func (s *Store) Settle(ctx context.Context, sagaID string, redrive int, done []StepAttempt) (Record, error) {
	r, err := s.Load(ctx, sagaID)
	if err != nil || r.settled(redrive) {
		return r, err
	}
	if r.Redrive != redrive || r.State != r.running() {
		return r, ErrLost
	}
	r.Steps = capped(append(r.Steps, done...))
	r.Pending = slices.DeleteFunc(r.Pending, func(undo string) bool {
		return slices.ContainsFunc(done, func(d StepAttempt) bool { return d.Name == undo && d.Outcome != Failed })
	})
	if len(r.Pending) > 0 {
		return s.markStuck(ctx, r)
	}
	if r.Cancels {
		return s.commitCancellation(ctx, r)
	}
	unlock := s.keys.Unlock(r.keyHash()).And(isUnchanged(r))
	r.State, r.KeyState = Compensated, idempotency.Released
	return r, s.end(ctx, unlock, r)
}

// maxSteps bounds a saga's timeline, to which each redrive adds. One that is stuck for months would outgrow
// an item.
const maxSteps = 50

// capped returns the first ten steps and the latest.
func capped(steps []StepAttempt) []StepAttempt {
	const first = 10
	if excess := len(steps) - maxSteps; excess > 0 {
		return slices.Delete(steps, first, first+excess)
	}
	return steps
}

// settled reports whether the execution of a redrive has been settled.
func (r Record) settled(redrive int) bool {
	return r.State == Compensated || r.Cancels && r.State.committed() || r.State == Stuck && r.Redrive == redrive
}

// commitCancellation moves CANCELLING to COMMITTED: the invoice is cancelled, and the log and the
// event are owed.
func (s *Store) commitCancellation(ctx context.Context, r Record) (Record, error) {
	c := change(r, Committed)
	r.State, r.CommittedAt = Committed, s.now().UnixMilli()
	c = s.setDue(c, &r, s.now().Add(s.cfg.Deadline))
	c = c.Set("steps", r.Steps).Set("committed_at", r.CommittedAt).Remove("pending", attention)
	err := s.update(ctx, c, func(now Record) bool { return now.SagaID == r.SagaID && now.State.committed() })
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	return r, err
}

// markStuck moves a saga whose execution has failed to STUCK.
func (s *Store) markStuck(ctx context.Context, r Record) (Record, error) {
	c := change(r, Stuck)
	r.State = Stuck
	c = s.setDue(c, &r, s.now().Add(redriveWait(r.Redrive)))
	c = c.Set("steps", r.Steps).Set("pending", r.Pending)
	err := s.update(ctx, c, func(now Record) bool { return now.SagaID == r.SagaID && now.State == Stuck })
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	if err == nil {
		s.notifyEnd(ctx, Stuck)
	}
	return r, err
}
