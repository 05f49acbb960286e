package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/batch"
)

// maxGets is what DynamoDB takes in a call.
const maxGets = 100

// BatchReader is a client whose strongly consistent reads of whole items go out together
// when they are made side by side: one BatchGetItem for the messages of a queue's batch.
// Each is answered for by itself, as if it had been asked for alone. (Writes are not
// gathered: who may call BatchWriteItem may delete.)
type BatchReader struct {
	*dynamodb.Client

	gets *batch.Batcher[*dynamodb.GetItemInput, Item]
}

// NewBatchReader gathers the calls to client.
func NewBatchReader(client *dynamodb.Client) *BatchReader {
	g := &BatchReader{Client: client}
	g.gets = batch.New(maxGets, g.getAll)
	return g
}

// GetItem reads an item. Its output has the item alone.
func (g *BatchReader) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if len(opts) > 0 || in.ConsistentRead == nil || !*in.ConsistentRead || in.ProjectionExpression != nil {
		return g.Client.GetItem(ctx, in, opts...)
	}
	item, err := g.gets.Do(ctx, in)
	if err != nil {
		return nil, err
	}
	return &dynamodb.GetItemOutput{Item: item}, nil
}

// getAll reads the items in one call, and alone what that call left out.
func (g *BatchReader) getAll(ctx context.Context, asked []*dynamodb.GetItemInput) []batch.Result[Item] {
	answers := make([]batch.Result[Item], len(asked))
	wanted, found := map[string]types.KeysAndAttributes{}, map[string]Item{}
	for _, in := range asked {
		id := identity(*in.TableName, in.Key)
		if _, twice := found[id]; twice { // DynamoDB refuses a key that is named twice
			continue
		}
		found[id] = nil
		of := wanted[*in.TableName]
		of.ConsistentRead, of.Keys = in.ConsistentRead, append(of.Keys, in.Key)
		wanted[*in.TableName] = of
	}
	if len(found) == 1 {
		return g.getAlone(ctx, asked)
	}
	out, err := g.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: wanted})
	if err != nil {
		for i := range answers {
			answers[i].Err = err
		}
		return answers
	}
	left := map[string]bool{}
	for table, of := range out.UnprocessedKeys {
		for _, key := range of.Keys {
			left[identity(table, key)] = true
		}
	}
	for table, items := range out.Responses {
		for _, item := range items {
			found[identity(table, item)] = item
		}
	}
	for i, in := range asked {
		id := identity(*in.TableName, in.Key)
		if answers[i].Value = found[id]; left[id] {
			answers[i] = g.getAlone(ctx, asked[i:i+1])[0]
		}
	}
	return answers
}

// getAlone reads one item, which all ask for.
func (g *BatchReader) getAlone(ctx context.Context, asked []*dynamodb.GetItemInput) []batch.Result[Item] {
	answers := make([]batch.Result[Item], len(asked))
	out, err := g.Client.GetItem(ctx, asked[0])
	for i := range answers {
		if answers[i].Err = err; err == nil {
			answers[i].Value = out.Item
		}
	}
	return answers
}

// identity names an item of our tables, whose keys are pk and sk.
func identity(table string, item Item) string {
	return fmt.Sprintf("%s %q %q", table, text(item["pk"]), text(item["sk"]))
}

func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
