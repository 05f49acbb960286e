package saga

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

var (
	// ErrLost means that the saga is no longer this owner's, or no longer in the state that
	// the change starts from. Whoever gets it looks again, and writes nothing.
	ErrLost = errors.New("the saga has moved on")
	// ErrCommitted means that the saga's commit had landed after all.
	ErrCommitted = errors.New("the saga is committed")
)

// CommitInput is what a committed saga says of its invoice.
type CommitInput struct {
	InvoiceID, Number, Document, Dated string
	TotalPaise                         int64
	Status                             int
	Compressed                         []byte // the answer, packed
}

// Commit is the item of the business transaction that answers the key, advances
// the saga and leaves the outbox mark: its due time stays until the saga is
// audited and published. It is the barrier too: refused once anybody has begun
// to undo the saga, and once it has been committed.
func (s *Store) Commit(o BeginResult, c CommitInput, steps []StepAttempt) (types.TransactWriteItem, error) {
	return s.keys.CompletePending(o.Claim, c.Status, c.Compressed).
		Set("state", Committed).Set("steps", append(o.Saga.Steps, steps...)).
		Set("invoice_id", c.InvoiceID).Set("number", c.Number).Set("document", c.Document).
		Set("dated", c.Dated).Set("total", c.TotalPaise).
		Set("committed_at", s.now().UnixMilli()).
		InTransaction(s.cfg.Table)
}

// Abort ends a saga that left nothing behind and frees its key.
func (s *Store) Abort(ctx context.Context, o BeginResult, steps []StepAttempt, reason string) error {
	r := o.Saga
	r.State, r.KeyState, r.Reason = Aborted, idempotency.Released, reason
	r.Steps = append(r.Steps, steps...)
	return s.end(ctx, s.keys.Release(o.Claim), r)
}

// end writes an ended saga and its archived copy in one transaction.
func (s *Store) end(ctx context.Context, c idempotency.Change, r Record) error {
	update, err := c.Set("state", r.State).Set("steps", r.Steps).Set("reason", r.Reason).
		Remove("due", "due_shard", "pending").InTransaction(s.cfg.Table)
	if err != nil {
		return err
	}
	archived, err := s.archiveItem(r)
	if err != nil {
		return err
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		update, {Put: &types.Put{TableName: aws.String(s.cfg.Table), Item: archived}},
	}})
	if err != nil {
		if now, readErr := s.Load(ctx, r.SagaID); readErr == nil && now.State == r.State {
			err = nil
		}
	}
	if err == nil {
		s.notifyEnd(ctx, r.State)
		return nil
	}
	if _, refused := dynamo.ConditionFailedAt(err, 0); refused {
		return ErrLost
	}
	return fmt.Errorf("end saga as %s: %w", r.State, err)
}

// Compensate turns an open saga towards compensation, which fences its commit out for
// good. ErrCommitted says that the commit had come first, ErrLost that another
// owner has the saga.
func (s *Store) Compensate(ctx context.Context, o BeginResult, t RunResult, reason string) (Record, error) {
	return s.compensate(ctx, s.keys.Lock(o.Claim), o.Saga, t, reason)
}

func (s *Store) compensate(ctx context.Context, c idempotency.Change, r Record, t RunResult, reason string) (Record, error) {
	r.State, r.KeyState, r.Reason, r.Pending = Compensating, idempotency.Locked, reason, t.Pending
	r.Steps = append(r.Steps, t.Steps...)
	r.Due = s.now().Add(s.cfg.CompensationTimeout).UnixMilli()
	c = c.Set("state", r.State).Set("steps", r.Steps).Set("reason", reason).Set("pending", r.Pending).Set("due", r.Due)
	err := s.send(ctx, c, func(now Record) bool {
		return now.SagaID == r.SagaID && now.State == Compensating && now.Owner == r.Owner && slices.Equal(now.Pending, r.Pending)
	})
	if err == nil {
		return r, nil
	}
	return Record{}, s.explainRefusal(ctx, r, err)
}

// explainRefusal tells a saga whose commit came first from one that another owner has.
func (s *Store) explainRefusal(ctx context.Context, r Record, err error) error {
	now, readErr := s.refusingRecord(ctx, r.keyHash(), err)
	switch {
	case readErr == nil && now.SagaID == r.SagaID && (now.State == Committed || now.State == Completed):
		return ErrCommitted
	case dynamo.ConditionFailed(err):
		return ErrLost
	default:
		return fmt.Errorf("turn a saga towards compensation: %w", err)
	}
}

// Settle ends a compensation: COMPENSATED when every compensation that was owed
// is done, which frees the key; else STUCK, due for a redrive that waits longer
// each time. Settling twice gives the same end.
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
	held := s.keys.Unlock(r.keyHash()).And(isUnchanged(r))
	if len(r.Pending) == 0 {
		r.State, r.KeyState = Compensated, idempotency.Released
		return r, s.end(ctx, held, r)
	}
	return s.markStuck(ctx, r)
}

// isUnchanged is the condition that nobody has moved the saga since it was read.
func isUnchanged(r Record) expression.ConditionBuilder {
	return expression.Name("saga_id").Equal(expression.Value(r.SagaID)).
		And(expression.Name("state").Equal(expression.Value(r.State))).
		And(redriveIs(r.Redrive))
}

func redriveIs(n int) expression.ConditionBuilder {
	is := expression.Name("redrive").Equal(expression.Value(n))
	if n == 0 {
		return is.Or(expression.AttributeNotExists(expression.Name("redrive")))
	}
	return is
}

func (s *Store) markStuck(ctx context.Context, r Record) (Record, error) {
	c := idempotency.Change{KeyHash: r.keyHash(), Condition: isUnchanged(r), Update: expression.Set(expression.Name("state"), expression.Value(Stuck))}
	r.State, r.Due = Stuck, s.now().Add(redriveWait(r.Redrive)).UnixMilli()
	c = c.Set("steps", r.Steps).Set("pending", r.Pending).Set("due", r.Due)
	err := s.send(ctx, c, func(now Record) bool { return now.SagaID == r.SagaID && now.State == Stuck })
	if dynamo.ConditionFailed(err) {
		return r, ErrLost
	}
	if err == nil {
		s.notifyEnd(ctx, Stuck)
	}
	return r, err
}

// Complete ends a saga whose invoice is audited and published. The archived copy
// goes first: a crash between the two writes leaves the saga due.
func (s *Store) Complete(ctx context.Context, sagaID string, steps ...StepAttempt) error {
	r, err := s.Load(ctx, sagaID)
	if err != nil || r.State == Completed {
		return err
	}
	if r.State != Committed {
		return ErrLost
	}
	committed := idempotency.Change{KeyHash: r.keyHash(), Condition: isUnchanged(r), Update: expression.Set(expression.Name("state"), expression.Value(Completed))}
	r.State, r.Steps = Completed, append(r.Steps, steps...)
	archived, err := s.archiveItem(r)
	if err != nil {
		return err
	}
	if _, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.cfg.Table, Item: archived}); err != nil {
		return fmt.Errorf("archive a saga: %w", err)
	}
	committed = s.keys.AllowExpiry(committed.Set("steps", r.Steps).Remove("due", "due_shard"), r.Record)
	ours := true
	err = s.send(ctx, committed, func(now Record) bool {
		ours = now.SagaID == sagaID && slices.Equal(now.Steps, r.Steps) // else another delivery of the event was first
		return now.SagaID != sagaID || now.State == Completed
	})
	if err == nil && ours {
		s.notifyEnd(ctx, Completed)
	}
	return err
}

// CompensatingCheck is the check that a saga is being undone, for the transaction of a
// compensation that must not touch what a committed saga made. Error:
// problem.NotFound for what is no saga id.
func (s *Store) CompensatingCheck(sagaID string) (*types.ConditionCheck, error) {
	root, ok := keyHashOf(sagaID)
	if !ok {
		return nil, notFound(sagaID)
	}
	expr, err := expression.NewBuilder().WithCondition(
		expression.Name("key_state").Equal(expression.Value(idempotency.Locked)).
			And(expression.Name("saga_id").Equal(expression.Value(sagaID)))).Build()
	if err != nil {
		return nil, err
	}
	return &types.ConditionCheck{
		TableName: &s.cfg.Table, Key: idempotency.ItemKey(root), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}, nil
}
