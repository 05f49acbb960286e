package saga

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Stats counts the sagas that have not ended.
type Stats struct {
	InFlight int
	Stuck    int           // at least: of very many in flight, not each is looked at
	Oldest   time.Duration // since the most overdue one was due; 0 when none is overdue
}

// Reader is the part of the DynamoDB client that a census calls.
type Reader interface {
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
}

// Limits of one look: keys of a shard whose sagas are read, and keys of one call.
// The sparse index tells how many sagas are in flight; only a saga says that it is
// stuck. Those due last are looked at: a stuck one waits up to an hour.
const (
	looksPerShard = 500
	keysPerCall   = 100 // BatchGetItem's own limit
)

// Count takes the census of a platform table, from the index of what is due: no scan.
// The index lags a little behind the table.
func Count(ctx context.Context, db Reader, table string, now time.Time) (Stats, error) {
	var c Stats
	for shard := range dueShards {
		keys, first, err := inFlight(ctx, db, table, strconv.Itoa(shard))
		if err != nil {
			return Stats{}, err
		}
		c.InFlight += len(keys)
		if len(keys) > 0 {
			c.Oldest = max(c.Oldest, now.Sub(first))
		}
		for keys = keys[max(0, len(keys)-looksPerShard):]; len(keys) > 0; {
			some := keys[:min(keysPerCall, len(keys))]
			keys = keys[len(some):]
			stuck, err := stuckAmong(ctx, db, table, some)
			if err != nil {
				return Stats{}, err
			}
			c.Stuck += stuck
		}
	}
	return c, nil
}

// inFlight lists a shard's keys, soonest due first, and when the first was due.
func inFlight(ctx context.Context, db Reader, table, shard string) (keys []dynamo.Item, first time.Time, err error) {
	pages := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{
		TableName: &table, IndexName: aws.String("due"), KeyConditionExpression: aws.String("due_shard = :s"),
		ExpressionAttributeValues: dynamo.Item{":s": &types.AttributeValueMemberS{Value: shard}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, first, fmt.Errorf("query sagas in flight: %w", err)
		}
		for _, item := range page.Items {
			keys = append(keys, dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
		}
		if len(page.Items) > 0 && first.IsZero() {
			r, err := decode(page.Items[0])
			if err != nil {
				return nil, first, err
			}
			first = time.UnixMilli(r.Due)
		}
	}
	return keys, first, nil
}

func stuckAmong(ctx context.Context, db Reader, table string, keys []dynamo.Item) (int, error) {
	stuck := 0
	wanted := map[string]types.KeysAndAttributes{table: {
		Keys: keys, ProjectionExpression: aws.String("#s"), ExpressionAttributeNames: map[string]string{"#s": "state"},
	}}
	for len(wanted) > 0 {
		out, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: wanted})
		if err != nil {
			return 0, fmt.Errorf("read sagas in flight: %w", err)
		}
		for _, item := range out.Responses[table] {
			var r struct {
				State State `dynamodbav:"state"`
			}
			if err := attributevalue.UnmarshalMap(item, &r); err != nil {
				return 0, fmt.Errorf("decode a saga: %w", err)
			}
			if r.State == Stuck {
				stuck++
			}
		}
		wanted = out.UnprocessedKeys // throttled: until ctx ends
	}
	return stuck, nil
}
