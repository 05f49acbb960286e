package invariants

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// readInvoices notes a merchant's invoices, as its table has them.
func (w *World) readInvoices(ctx context.Context, merchant string, b *Books) error {
	table := w.Vars("INVOCHAIN_INVOICES_TABLE")
	pages := dynamodb.NewQueryPaginator(w.DB, &dynamodb.QueryInput{
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
	return w.batches(ctx, table, keys, "pk, saga_id, number_key", func(item dynamo.Item) {
		b.SagaOf[strings.TrimPrefix(text(item["pk"]), "INVOICE#")] = text(item["saga_id"])
		b.Numbers[text(item["number_key"])]++
	})
}

// readStates notes how each invoice's saga stands.
func (w *World) readStates(ctx context.Context, b *Books) error {
	var keys []dynamo.Item
	for _, id := range b.SagaOf {
		root, _, _ := strings.Cut(id, "-")
		keys = append(keys, idempotency.ItemKey(root))
	}
	return w.batches(ctx, w.Vars("INVOCHAIN_PLATFORM_TABLE"), keys, "saga_id, #s", func(item dynamo.Item) {
		b.States[text(item["saga_id"])] = text(item["state"])
	})
}

// owed counts the sagas that have not ended, by the index that recovery reads.
func (w *World) owed(ctx context.Context) (int, error) {
	total := 0
	for shard := range 4 {
		out, err := w.DB.Query(ctx, &dynamodb.QueryInput{
			TableName: aws.String(w.Vars("INVOCHAIN_PLATFORM_TABLE")), IndexName: aws.String("due"), Select: types.SelectCount,
			KeyConditionExpression:    aws.String("due_shard = :s"),
			ExpressionAttributeValues: dynamo.Item{":s": &types.AttributeValueMemberS{Value: strconv.Itoa(shard)}},
		})
		if err != nil {
			return 0, err
		}
		total += int(out.Count)
	}
	return total, nil
}

// batches reads items by their keys, strongly consistent, a hundred at a time.
func (w *World) batches(ctx context.Context, table string, keys []dynamo.Item, projection string, each func(dynamo.Item)) error {
	var names map[string]string
	if strings.Contains(projection, "#s") {
		names = map[string]string{"#s": "state"}
	}
	for batch := range slices.Chunk(keys, 100) {
		asked := map[string]types.KeysAndAttributes{table: {
			Keys: batch, ConsistentRead: aws.Bool(true), ProjectionExpression: &projection, ExpressionAttributeNames: names,
		}}
		for len(asked) > 0 {
			out, err := w.DB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: asked})
			if err != nil {
				return err
			}
			for _, item := range out.Responses[table] {
				each(item)
			}
			asked = out.UnprocessedKeys
		}
	}
	return nil
}

func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
