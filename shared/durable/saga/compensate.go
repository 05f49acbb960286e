package saga

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Compensate moves BEGUN to COMPENSATING, which fences off the saga's commit for good.
// Errors: ErrCommitted when the commit landed first, ErrLost when another owner has the
// saga.
func (s *Store) Compensate(ctx context.Context, b BeginResult, run RunResult, reason string) (Record, error) {
	return s.compensate(ctx, s.keys.Lock(b.Claim), b.Saga, run, reason)
}

func (s *Store) compensate(
	ctx context.Context,
	c idempotency.Change,
	r Record,
	run RunResult,
	reason string,
) (Record, error) {
	r.State, r.KeyState, r.Reason, r.Pending = Compensating, idempotency.Locked, reason, run.Pending
	r.Steps = append(r.Steps, run.Steps...)
	c = s.setDue(c, &r, s.now().Add(s.cfg.StartTimeout))
	c = c.Set("state", r.State).Set("steps", r.Steps).Set("reason", reason).Set("pending", r.Pending).
		Set(attention, r.MerchantID)
	err := s.update(ctx, c, func(now Record) bool {
		return now.SagaID == r.SagaID && now.State == Compensating && now.Owner == r.Owner &&
			slices.Equal(now.Pending, r.Pending)
	})
	if err == nil {
		return r, nil
	}
	return Record{}, s.explainRefusal(ctx, r, err)
}

// explainRefusal distinguishes a saga whose commit landed first from one that another
// owner has.
func (s *Store) explainRefusal(ctx context.Context, r Record, err error) error {
	now, readErr := s.refusingRecord(ctx, r.keyHash(), err)
	switch {
	case readErr == nil && now.SagaID == r.SagaID && (now.State == Committed || now.State == Completed):
		return ErrCommitted
	case dynamo.ConditionFailed(err):
		return ErrLost
	default:
		return fmt.Errorf("move a saga to compensation: %w", err)
	}
}

// CompensatingCheck returns the condition, for the transaction of a compensation, that
// the saga is being compensated: a compensation must not touch what a committed saga
// made. Error: problem.NotFound for a malformed saga id.
func (s *Store) CompensatingCheck(sagaID string) (*types.ConditionCheck, error) {
	hash, ok := keyHashOf(sagaID)
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
		TableName: &s.cfg.Table, Key: idempotency.ItemKey(hash), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}, nil
}
