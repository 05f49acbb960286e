package crash

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Unended returns the sagas that have not ended, each with its state: stuck ones are among them.
func (c *Cloud) Unended(ctx context.Context, db *dynamodb.Client) ([]string, error) {
	items, err := scan(ctx, db, c.tables.Platform)
	return unended(items), err
}

func unended(items []dynamo.Item) (sagas []string) {
	for _, item := range items {
		if _, is := item["due"]; is {
			sagas = append(sagas, fmt.Sprintf("%v %v", item["saga_id"], item["state"]))
		}
	}
	return sagas
}

// expire moves every lease and due time into the past and returns the due sagas.
func (c *Cloud) expire(ctx context.Context, db *dynamodb.Client) ([]string, error) {
	items, err := scan(ctx, db, c.tables.Platform)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		c.shards.stored(item)
		for _, until := range []string{"lease_until", "due"} {
			if err := c.expireOne(ctx, db, item, until); err != nil {
				return nil, err
			}
		}
	}
	return unended(items), nil
}

// expireOne moves one time of an item into the past unless it has changed since it was read.
func (c *Cloud) expireOne(
	ctx context.Context, db *dynamodb.Client, item map[string]types.AttributeValue, until string,
) error {
	if _, set := item[until]; !set {
		return nil
	}
	_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.tables.Platform, Key: map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
		UpdateExpression: aws.String("SET #t = :past"), ConditionExpression: aws.String("#t = :seen"),
		ExpressionAttributeNames: map[string]string{"#t": until},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":past": &types.AttributeValueMemberN{Value: "1"}, ":seen": item[until],
		},
	})
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}

func scan(ctx context.Context, db *dynamodb.Client, table string) ([]dynamo.Item, error) {
	var all []dynamo.Item
	for p := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &table}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// Empty empties the tables, the queues and the bus for the next case.
func (c *Cloud) Empty(ctx context.Context, db *dynamodb.Client) error {
	c.emptyQueues()
	c.shards.clear()
	for _, table := range []string{c.tables.Platform, c.tables.Invoices, c.tables.Inventory, c.tables.Audit} {
		items, err := scan(ctx, db, table)
		if err != nil {
			return err
		}
		for _, item := range items {
			key := map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}
			if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Cloud) emptyQueues() {
	c.queues.mu.Lock()
	defer c.queues.mu.Unlock()
	c.queues.waiting, c.queues.suspended, c.queues.sent, c.queues.events = map[string][]*message{}, nil, nil, nil
}
