package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/batch"
)

// MaxBatchGet is the largest number of keys in a BatchGetItem call.
const MaxBatchGet = 100

// BatchReader is a client that sends concurrent, strongly consistent reads of whole items as
// one BatchGetItem call, for example those of the messages of one SQS batch. Each caller gets
// the result that a GetItem call of its own would return. Writes are not batched: a function
// that may call BatchWriteItem may also delete.
type BatchReader struct {
	*dynamodb.Client

	gets *batch.Batcher[*dynamodb.GetItemInput, Item]
}

// NewBatchReader returns a BatchReader over client.
func NewBatchReader(client *dynamodb.Client) *BatchReader {
	r := &BatchReader{Client: client}
	r.gets = batch.New(MaxBatchGet, r.getAll)
	return r
}

// GetItem reads an item. The output of a batched read has no field but Item.
func (r *BatchReader) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	if len(opts) > 0 || in.ConsistentRead == nil || !*in.ConsistentRead || in.ProjectionExpression != nil {
		return r.Client.GetItem(ctx, in, opts...)
	}
	item, err := r.gets.Do(ctx, in)
	if err != nil {
		return nil, err
	}
	return &dynamodb.GetItemOutput{Item: item}, nil
}

// getAll reads the items in one call, and those that the call left unprocessed one by one.
func (r *BatchReader) getAll(ctx context.Context, inputs []*dynamodb.GetItemInput) []batch.Result[Item] {
	request, distinct := batchRequest(inputs)
	if distinct == 1 {
		return repeat(r.getOne(ctx, inputs[0]), len(inputs))
	}
	out, err := r.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
	if err != nil {
		return repeat(batch.Result[Item]{Err: err}, len(inputs))
	}
	unprocessed, found := map[string]bool{}, map[string]Item{}
	for table, keys := range out.UnprocessedKeys {
		for _, key := range keys.Keys {
			unprocessed[identity(table, key)] = true
		}
	}
	for table, items := range out.Responses {
		for _, item := range items {
			found[identity(table, item)] = item
		}
	}
	results := make([]batch.Result[Item], len(inputs))
	for i, in := range inputs {
		id := identity(*in.TableName, in.Key)
		if results[i].Value = found[id]; unprocessed[id] {
			results[i] = r.getOne(ctx, in)
		}
	}
	return results
}

// batchRequest returns the keys by table, each once: DynamoDB rejects a key that is repeated.
func batchRequest(inputs []*dynamodb.GetItemInput) (request map[string]types.KeysAndAttributes, distinct int) {
	request, seen := map[string]types.KeysAndAttributes{}, map[string]bool{}
	for _, in := range inputs {
		id := identity(*in.TableName, in.Key)
		if seen[id] {
			continue
		}
		seen[id] = true
		keys := request[*in.TableName]
		keys.ConsistentRead, keys.Keys = in.ConsistentRead, append(keys.Keys, in.Key)
		request[*in.TableName] = keys
	}
	return request, len(seen)
}

func (r *BatchReader) getOne(ctx context.Context, in *dynamodb.GetItemInput) batch.Result[Item] {
	out, err := r.Client.GetItem(ctx, in)
	if err != nil {
		return batch.Result[Item]{Err: err}
	}
	return batch.Result[Item]{Value: out.Item}
}

func repeat(result batch.Result[Item], n int) []batch.Result[Item] {
	results := make([]batch.Result[Item], n)
	for i := range results {
		results[i] = result
	}
	return results
}

// identity returns a string that identifies an item by its table and primary key.
func identity(table string, item Item) string {
	return fmt.Sprintf("%s %q %q", table, Text(item["pk"]), Text(item["sk"]))
}
