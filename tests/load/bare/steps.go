package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type item = map[string]types.AttributeValue

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }

func one() item { return item{":one": &types.AttributeValueMemberN{Value: "1"}} }

func key(pk, sk string) item { return item{"pk": s(pk), "sk": s(sk)} }

// filled is an item of about so many bytes.
func filled(pk, sk string, bytes int, more item) item {
	i := key(pk, sk)
	i["filler"] = s(strings.Repeat("x", bytes))
	maps.Copy(i, more)
	return i
}

func put(table string, i item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: &table, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)")}}
}

func add(table, pk, sk, attribute string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: key(pk, sk), UpdateExpression: aws.String("ADD " + attribute + " :one"), ExpressionAttributeValues: one(),
	}}
}

// transact tries again at once: two batches may meet on a chain's head.
func (b bare) transact(ctx context.Context, items ...types.TransactWriteItem) (err error) {
	for range 10 {
		if _, err = b.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items}); err == nil {
			return nil
		}
	}
	return err
}

// create claims (again, if the SDK had to), reserves by an invocation, and commits with the nudge beside it. Its
// answer is as long as an invoice.
func (b bare) create(ctx context.Context, a ask) (map[string]string, error) {
	claim := filled("BARE#"+a.ID, "CURRENT", 350, item{"due_shard": s("bare"), "due": &types.AttributeValueMemberN{Value: "1"}})
	_, err := b.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &b.platform, Item: claim, ConditionExpression: aws.String("attribute_not_exists(body)")})
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	if _, err := b.invoker.Invoke(ctx, &awslambda.InvokeInput{FunctionName: &b.reserve, Payload: payload}); err != nil {
		return nil, err
	}
	nudged := make(chan error, 1)
	go func() {
		_, err := b.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &b.auditURL, MessageBody: aws.String(string(payload)), DelaySeconds: 1})
		nudged <- err
	}()
	err = b.transact(ctx,
		types.TransactWriteItem{Update: &types.Update{
			TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"), UpdateExpression: aws.String("SET body = :b"),
			ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: item{":b": s(strings.Repeat("x", 900))},
		}},
		put(b.invoices, filled("BARE#"+a.ID, "INVOICE", 800, item{"merchant_id": s("bare-" + a.Merchant), "listed_at": s(a.ID)})),
		put(b.invoices, filled("BARENUMBER#"+a.ID, "NUMBER", 120, nil)))
	if sent := <-nudged; err == nil {
		err = sent
	}
	return map[string]string{"invoice": strings.Repeat("x", 1100)}, err
}

func (b bare) reserved(ctx context.Context, a ask) error {
	return b.transact(ctx, put(b.inventory, filled("BARE#"+a.ID, "000", 100, nil)), add(b.inventory, "BARESTOCK#"+a.Merchant+a.SKU, "STOCK", "reserved"))
}

// audited reads the sagas, appends for each merchant at once, and hands on, ten a call.
func (b bare) audited(ctx context.Context, asks []ask) error {
	err := each(asks, func(a ask) error { return b.read(ctx, b.platform, "BARE#"+a.ID, "CURRENT") })
	if err != nil {
		return err
	}
	chains := map[string][]types.TransactWriteItem{}
	for _, a := range asks {
		chains[a.Merchant] = append(chains[a.Merchant], types.TransactWriteItem{Put: &types.Put{
			TableName: &b.audit, Item: filled("BARE#"+a.Merchant, a.ID, 500, item{"merchant_id": s("bare-" + a.Merchant), "seq": &types.AttributeValueMemberN{Value: "1"}}),
		}})
	}
	err = each(slices.Collect(maps.Keys(chains)), func(merchant string) error {
		if err := b.read(ctx, b.audit, "BARE#"+merchant, "HEAD"); err != nil {
			return err
		}
		return b.transact(ctx, append(chains[merchant], add(b.audit, "BARE#"+merchant, "HEAD", "n"))...)
	})
	if err != nil {
		return err
	}
	return each(slices.Collect(slices.Chunk(asks, 10)), func(asks []ask) error {
		var entries []sqstypes.SendMessageBatchRequestEntry
		for i, a := range asks {
			body, err := json.Marshal(a)
			if err != nil {
				return err
			}
			entries = append(entries, sqstypes.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
		}
		_, err := b.queues.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &b.publishURL, Entries: entries})
		return err
	})
}

func (b bare) read(ctx context.Context, table, pk, sk string) error {
	_, err := b.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key(pk, sk), ConsistentRead: aws.Bool(true)})
	return err
}

// published announces, ten a call, and completes each saga.
func (b bare) published(ctx context.Context, asks []ask) error {
	for some := range slices.Chunk(asks, 10) {
		var entries []ebtypes.PutEventsRequestEntry
		for _, a := range some {
			detail, err := json.Marshal(a)
			if err != nil {
				return err
			}
			entries = append(entries, ebtypes.PutEventsRequestEntry{
				EventBusName: &b.busName, Source: aws.String("bare"), DetailType: aws.String("bare.created"), Detail: aws.String(string(detail)),
			})
		}
		if _, err := b.bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries}); err != nil {
			return err
		}
	}
	return each(asks, func(a ask) error {
		if err := b.read(ctx, b.platform, "BARE#"+a.ID, "CURRENT"); err != nil {
			return err
		}
		if _, err := b.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &b.platform, Item: filled("BARE#"+a.ID, a.ID, 600, nil)}); err != nil {
			return err
		}
		_, err := b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"), UpdateExpression: aws.String("REMOVE due, due_shard ADD n :one"),
			ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: one(),
		})
		return err
	})
}

// sold reads each barrier and moves it and its stock on.
func (b bare) sold(ctx context.Context, asks []ask) error {
	return each(asks, func(a ask) error {
		_, err := b.db.Query(ctx, &dynamodb.QueryInput{
			TableName: &b.inventory, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": s("BARE#" + a.ID)},
		})
		if err != nil {
			return err
		}
		return b.transact(ctx, add(b.inventory, "BARE#"+a.ID, "000", "sold"), add(b.inventory, "BARESTOCK#"+a.Merchant+a.SKU, "STOCK", "sold"))
	})
}
