package saga

import (
	"context"
	"slices"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Settle records the end of a compensation: COMPENSATED when every owed compensation is
// done, which releases the key; otherwise STUCK, due for a redrive after a wait that
// grows with each one. Settling twice gives the same state. Error: ErrLost when a later
// execution has the saga.
func (s *Store) Settle(ctx context.Context, sagaID string, redrive int, done []StepAttempt) (Record, error) {
	r, err := s.Load(ctx, sagaID)
	if err != nil || r.State == Compensated || (r.State == Stuck && r.Redrive == redrive) {
		return r, err
	}
	if r.Redrive != redrive || r.State != Compensating {
		return r, ErrLost
	}
	r.Steps = append(r.Steps, done...)
	r.Pending = slices.DeleteFunc(r.Pending, func(undo string) bool {
		return slices.ContainsFunc(done, func(d StepAttempt) bool { return d.Name == undo && d.Outcome == OK })
	})
	if len(r.Pending) > 0 {
		return s.markStuck(ctx, r)
	}
	unlock := s.keys.Unlock(r.keyHash()).And(isUnchanged(r))
	r.State, r.KeyState = Compensated, idempotency.Released
	return r, s.end(ctx, unlock, r)
}

// markStuck moves COMPENSATING to STUCK.
func (s *Store) markStuck(ctx context.Context, r Record) (Record, error) {
	c := change(r, Stuck)
	r.State, r.Due = Stuck, s.now().Add(redriveWait(r.Redrive)).UnixMilli()
	c = c.Set("steps", r.Steps).Set("pending", r.Pending).Set("due", r.Due)
	err := s.update(ctx, c, func(now Record) bool { return now.SagaID == r.SagaID && now.State == Stuck })
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	if err == nil {
		s.notifyEnd(ctx, Stuck)
	}
	return r, err
}
