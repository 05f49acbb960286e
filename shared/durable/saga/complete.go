package saga

import (
	"context"
	"slices"
)

// Complete moves COMMITTED to COMPLETED, once the invoice is audited and published. It needs
// no archived copy: the key of an invoice is never claimed again. Error: ErrLost for a saga
// in any other state.
func (s *Store) Complete(ctx context.Context, sagaID string, steps ...StepAttempt) error {
	r, err := s.Load(ctx, sagaID)
	if err != nil || r.State == Completed {
		return err
	}
	if r.State != Committed {
		return ErrLost
	}
	c := change(r, Completed)
	r.State, r.Steps = Completed, append(r.Steps, steps...)
	c = s.keys.Forget(c.Set("steps", r.Steps).Remove("due", "due_shard"))
	ours := true
	err = s.update(ctx, c, func(now Record) bool {
		// Another delivery of the event may have come first, with steps of its own.
		ours = now.SagaID == sagaID && slices.Equal(now.Steps, r.Steps)
		return now.SagaID != sagaID || now.State == Completed
	})
	if err == nil && ours {
		s.notifyEnd(ctx, Completed)
	}
	return err
}
