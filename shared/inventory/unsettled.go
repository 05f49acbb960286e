package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Unsettled returns which of the sagas have a reservation that was neither confirmed nor released, in
// their order. It reads them concurrently: a dynamo.BatchReader makes one call of up to 100 reads.
func (s *Store) Unsettled(ctx context.Context, sagaIDs []string) ([]string, error) {
	reserved, errs := make([]bool, len(sagaIDs)), make([]error, len(sagaIDs))
	batch.Each(len(sagaIDs), dynamo.MaxBatchGet, func(i int) {
		reserved[i], errs[i] = s.isReserved(ctx, sagaIDs[i])
	})
	var unsettled []string
	for i, id := range sagaIDs {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if reserved[i] {
			unsettled = append(unsettled, id)
		}
	}
	return unsettled, nil
}

func (s *Store) isReserved(ctx context.Context, sagaID string) (bool, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.cfg.Table, Key: dynamo.Key(partition(sagaID), gateSK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, fmt.Errorf("read a gate: %w", err)
	}
	if len(out.Item) == 0 {
		return false, nil
	}
	gate, err := decodeBarrier(out.Item)
	return gate.State == isReserved, err
}
