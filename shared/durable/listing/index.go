package listing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Index uses.
type API interface {
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Index is one partition of an index.
type Index struct {
	Table, Name string
	Hash        string // attribute of the index's partition key, a string
	Partition   string // its value
	Descending  bool
	// Prepare gets the items of a chunk before they are visited, to read at once what the visits need.
	// nil does nothing.
	Prepare func(ctx context.Context, items []dynamo.Item) error
}

// Bounds limit the work of one page.
type Bounds struct {
	Take    int // items on the page
	Examine int // items that are read for it
}

// Verdict is what a list does with an item.
type Verdict int

// The verdicts.
const (
	Skip Verdict = iota // it does not belong to the list
	Take                // it is on the page
	Stop                // the page ends before it; never the verdict on the first item
)

// chunk is how many items are read at once, and so how many are in memory.
const chunk = 50

// Read passes the items behind the index key after to visit, in the order of the index; nil
// means from its beginning. It returns the key that the next page starts behind, nil at the
// end. Items that have been deleted since the index was written are left out.
func (ix Index) Read(
	ctx context.Context, db API, after dynamo.Item, b Bounds, visit func(dynamo.Item) (Verdict, error),
) (dynamo.Item, error) {
	for b.Examine > 0 {
		entries, more, err := ix.entries(ctx, db, after, min(chunk, b.Examine))
		if err != nil {
			return nil, err
		}
		items, err := ix.items(ctx, db, entries)
		if err != nil {
			return nil, err
		}
		if err := ix.prepare(ctx, items); err != nil {
			return nil, err
		}
		for i, entry := range entries {
			verdict, err := judge(items[identity(entry)], visit)
			if err != nil {
				return nil, err
			}
			if verdict == Stop {
				return after, nil
			}
			after = entry
			if verdict == Take {
				b.Take--
			}
			if b.Take == 0 && (more || i < len(entries)-1) {
				return after, nil
			}
		}
		if !more {
			return nil, nil
		}
		b.Examine -= len(entries)
	}
	return after, nil
}

func (ix Index) prepare(ctx context.Context, items map[string]dynamo.Item) error {
	if ix.Prepare == nil {
		return nil
	}
	return ix.Prepare(ctx, slices.Collect(maps.Values(items)))
}

// judge skips an item that has been deleted.
func judge(item dynamo.Item, visit func(dynamo.Item) (Verdict, error)) (Verdict, error) {
	if item == nil {
		return Skip, nil
	}
	return visit(item)
}

// entries returns up to limit keys of the index behind after, and whether there may be more.
func (ix Index) entries(ctx context.Context, db API, after dynamo.Item, limit int) ([]dynamo.Item, bool, error) {
	keys := expression.Key(ix.Hash).Equal(expression.Value(ix.Partition))
	expr, err := expression.NewBuilder().WithKeyCondition(keys).Build()
	if err != nil {
		return nil, false, err
	}
	out, err := db.Query(ctx, &dynamodb.QueryInput{
		TableName: &ix.Table, IndexName: &ix.Name, ScanIndexForward: aws.Bool(!ix.Descending),
		Limit:             aws.Int32(int32(limit)), //nolint:gosec // at most chunk
		ExclusiveStartKey: after, KeyConditionExpression: expr.KeyCondition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	if err != nil {
		return nil, false, fmt.Errorf("query %s: %w", ix.Name, err)
	}
	return out.Items, len(out.LastEvaluatedKey) > 0, nil
}

// items reads the items of entries, strongly consistent, by their identity.
func (ix Index) items(ctx context.Context, db API, entries []dynamo.Item) (map[string]dynamo.Item, error) {
	keys := make([]dynamo.Item, 0, len(entries))
	for _, entry := range entries {
		keys = append(keys, dynamo.Item{"pk": entry["pk"], "sk": entry["sk"]})
	}
	found, err := dynamo.GetAll(ctx, db, ix.Table, keys)
	if err != nil {
		return nil, fmt.Errorf("read the items of %s: %w", ix.Name, err)
	}
	items := make(map[string]dynamo.Item, len(found))
	for _, item := range found {
		items[identity(item)] = item
	}
	return items, nil
}

func identity(item dynamo.Item) string {
	return dynamo.Text(item["pk"]) + "\x00" + dynamo.Text(item["sk"])
}
