package saga

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Complete moves COMMITTED to COMPLETED, once the invoice is audited and published. The
// archived copy is written first: after a crash between the two writes the saga is
// still due. Error: ErrLost for a saga in any other state.
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
	archived, err := s.archiveItem(r)
	if err != nil {
		return err
	}
	if _, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.cfg.Table, Item: archived}); err != nil {
		return fmt.Errorf("archive a saga: %w", err)
	}
	c = s.keys.AllowExpiry(c.Set("steps", r.Steps).Remove("due", "due_shard"), r.Record)
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
