package saga

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// end writes an ended saga and its archived copy in one transaction.
func (s *Store) end(ctx context.Context, c idempotency.Change, r Record) error {
	update, err := c.Set("state", r.State).Set("steps", r.Steps).Set("reason", r.Reason).
		Remove("due", "due_shard", "pending", attention).InTransaction(s.cfg.Table)
	if err != nil {
		return err
	}
	archived, err := s.archiveItem(r)
	if err != nil {
		return err
	}
	archive := types.TransactWriteItem{Put: &types.Put{TableName: &s.cfg.Table, Item: archived}}
	err = dynamo.Transact(ctx, s.db, update, archive)
	if err != nil {
		// The same end by a later owner is not this one: its key may have been issued since.
		if now, readErr := s.Load(ctx, r.SagaID); readErr == nil && now.State == r.State && now.Owner == r.Owner {
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

func (s *Store) notifyEnd(ctx context.Context, state State) {
	if s.cfg.OnEnd != nil {
		s.cfg.OnEnd(ctx, strings.ToLower(string(state)))
	}
}

// archiveItem returns the copy of an ended saga, without its answer, under a key that
// no later saga of the same idempotency key overwrites.
func (s *Store) archiveItem(r Record) (dynamo.Item, error) {
	r.SK, r.Body, r.Sealed, r.Due, r.DueShard = r.SagaID, nil, nil, 0, ""
	r.PK = idempotency.PartitionKey(r.keyHash())
	r.TTL = s.now().Add(s.cfg.Archive).Unix()
	if r.State != Completed {
		r.Attention, r.EndedAt = r.MerchantID, s.now().UnixMilli()
	}
	return attributevalue.MarshalMap(r)
}

func archiveKey(keyHash, sagaID string) dynamo.Item {
	return dynamo.Key(idempotency.PartitionKey(keyHash), sagaID)
}
