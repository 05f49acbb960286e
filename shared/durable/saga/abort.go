package saga

import (
	"context"

	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Abort moves BEGUN to ABORTED, for a saga that left nothing behind, and releases its
// key. Error: ErrLost when another owner has the saga.
func (s *Store) Abort(ctx context.Context, b BeginResult, steps []StepAttempt, reason string) error {
	r := b.Saga
	r.State, r.KeyState, r.Reason = Aborted, idempotency.Released, reason
	r.Steps = append(r.Steps, steps...)
	return s.end(ctx, s.keys.Release(b.Claim), r)
}
