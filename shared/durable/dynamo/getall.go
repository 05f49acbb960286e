package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/resilience"
)

// BatchGetter is the subset of the DynamoDB client that GetAll uses.
type BatchGetter interface {
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
}

// GetAll returns the items of a table that have one of at most MaxBatchGet distinct keys, in any order and
// strongly consistent. What a call leaves unprocessed, for want of capacity, is read again after a pause of up to
// 160 ms.
func GetAll(ctx context.Context, db BatchGetter, table string, keys []Item) ([]Item, error) {
	var items []Item
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for len(keys) > 0 {
		out, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{table: {Keys: keys, ConsistentRead: aws.Bool(true)}},
		})
		if err != nil {
			return nil, err
		}
		items = append(items, out.Responses[table]...)
		if keys = out.UnprocessedKeys[table].Keys; len(keys) > 0 {
			if err := pause.Wait(ctx); err != nil {
				return nil, err
			}
		}
	}
	return items, nil
}
