package idempotency

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// takeOver moves a claim whose lease has expired to a new owner. The condition on the old
// owner and fence makes it happen once.
func (s *Store) takeOver(ctx context.Context, c Claim, old Record, p payload, attrs Attributes) (Result, error) {
	c.Fence = old.Fence + 1
	update := expression.Set(expression.Name("owner"), expression.Value(c.Owner)).
		Set(expression.Name("fence"), expression.Value(c.Fence)).
		Set(expression.Name("lease_until"), expression.Value(c.Until.UnixMilli()))
	for _, name := range attrs.Renew {
		update = update.Set(expression.Name(name), expression.Value(attrs.New[name]))
	}
	item, err := dynamo.Update(ctx, s.db, s.cfg.Table, ItemKey(c.KeyHash), update,
		ownedBy(old.Owner, old.Fence), types.ReturnValueAllNew)
	switch {
	case dynamo.ConditionFailed(err):
		return s.evaluate(c, p, dynamo.ConflictingItem(err))
	case dynamo.Conflicted(err): // the key's run is being committed or ended: InProgress
		return s.reread(ctx, c, p)
	case dynamo.OutcomeUnknown(err):
		res, err := s.reread(ctx, c, p)
		if err == nil && res.Status == InProgress && res.Record.leaseExpired(s.now()) {
			err = errContended // the write was lost: try again
		}
		return res, err
	case err != nil:
		return Result{}, fmt.Errorf("take over a key: %w", err)
	}
	return s.evaluate(c, p, item)
}

// reread resolves a claim whose reply was lost, or that met a transaction on the record.
func (s *Store) reread(ctx context.Context, c Claim, p payload) (Result, error) {
	item, err := s.get(ctx, c.KeyHash)
	if err != nil {
		return Result{}, err
	}
	return s.evaluate(c, p, item)
}

// ownedBy is the condition of every write by a claim's owner.
func ownedBy(owner string, fence int64) expression.ConditionBuilder {
	return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})
}

// isUnchanged is the condition that the record has not changed since it was read. A delayed
// copy of a claim that arrives after its run has ended finds another record and fails.
func isUnchanged(r Record) expression.ConditionBuilder {
	return expression.Name("key_state").Equal(expression.Value(r.KeyState)).
		And(expression.Name("owner").Equal(expression.Value(r.Owner))).
		And(expression.Name("fence").Equal(expression.Value(r.Fence)))
}
