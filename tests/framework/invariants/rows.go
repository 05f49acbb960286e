package invariants

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
)

// readInvoices reads a merchant's invoices from the invoices table.
func (f *Fixture) readInvoices(ctx context.Context, merchant string, s *Snapshot) error {
	table := f.Vars(deployment.InvoicesTable)
	pages := dynamodb.NewQueryPaginator(f.DB, &dynamodb.QueryInput{
		TableName: &table, IndexName: aws.String("by-merchant"), KeyConditionExpression: aws.String("merchant_id = :m"),
		ExpressionAttributeValues: dynamo.Item{":m": &types.AttributeValueMemberS{Value: merchant}},
	})
	var keys []dynamo.Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			keys = append(keys, dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
		}
	}
	return f.batchGet(ctx, table, keys, "pk, saga_id, number_key", func(item dynamo.Item) {
		s.SagaOf[strings.TrimPrefix(dynamo.Text(item["pk"]), "INVOICE#")] = dynamo.Text(item["saga_id"])
		s.Numbers[dynamo.Text(item["number_key"])]++
	})
}

// readStates reads the state of each invoice's saga.
func (f *Fixture) readStates(ctx context.Context, s *Snapshot) error {
	var keys []dynamo.Item
	for _, id := range s.SagaOf {
		keyHash, _, _ := strings.Cut(id, "-")
		keys = append(keys, idempotency.ItemKey(keyHash))
	}
	return f.batchGet(ctx, f.Vars(deployment.PlatformTable), keys, "saga_id, #s", func(item dynamo.Item) {
		s.States[dynamo.Text(item["saga_id"])] = dynamo.Text(item["state"])
	})
}

// unfinished counts the sagas that have not ended.
func (f *Fixture) unfinished(ctx context.Context) (int, error) {
	sagas := saga.Open(f.DB, saga.Config{Table: f.Vars(deployment.PlatformTable)}, time.Now)
	stats, err := sagas.Stats(ctx, 10_000)
	return stats.InFlight, err
}

// batchGet reads items by their keys with strong consistency, a hundred per call.
func (f *Fixture) batchGet(
	ctx context.Context, table string, keys []dynamo.Item, projection string, each func(dynamo.Item),
) error {
	var names map[string]string
	if strings.Contains(projection, "#s") {
		names = map[string]string{"#s": "state"}
	}
	for batch := range slices.Chunk(keys, 100) {
		request := map[string]types.KeysAndAttributes{table: {
			Keys: batch, ConsistentRead: aws.Bool(true), ProjectionExpression: &projection, ExpressionAttributeNames: names,
		}}
		for len(request) > 0 {
			out, err := f.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
			if err != nil {
				return err
			}
			for _, item := range out.Responses[table] {
				each(item)
			}
			request = out.UnprocessedKeys
		}
	}
	return nil
}
