package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Sizes in bytes of payloads that are not stored: an invoice.created event and the response
// of create-invoice.
const (
	eventSize  = 620
	answerSize = 1100
)

const (
	units   = types.ReturnConsumedCapacityTotal
	oldItem = types.ReturnValuesOnConditionCheckFailureAllOld
)

func put(table string, i item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &table, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: oldItem,
	}}
}

// moveStock moves one unit of a SKU from one column to another, as inventory does.
func (b *bare) moveStock(a job, from, to string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &b.inventory, Key: key("STOCK#"+a.Merchant+"#"+a.SKU, "STOCK"),
		UpdateExpression:                    aws.String("SET #from = #from - :q, #to = if_not_exists(#to, :zero) + :q"),
		ConditionExpression:                 aws.String("#from >= :q"),
		ExpressionAttributeNames:            map[string]string{"#from": from, "#to": to},
		ExpressionAttributeValues:           item{":q": n("1000"), ":zero": n("0")},
		ReturnValuesOnConditionCheckFailure: oldItem,
	}}
}

func (b *bare) transact(ctx context.Context, items ...types.TransactWriteItem) error {
	_, err := b.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: items, ReturnConsumedCapacity: units,
	})
	return err
}

func equal(i item, names ...string) expression.ConditionBuilder {
	c := expression.Name(names[0]).Equal(expression.Value(i[names[0]]))
	for _, name := range names[1:] {
		c = c.And(expression.Name(name).Equal(expression.Value(i[name])))
	}
	return c
}

func set(i item) expression.UpdateBuilder {
	var u expression.UpdateBuilder
	for _, name := range slices.Sorted(maps.Keys(i)) {
		u = u.Set(expression.Name(name), expression.Value(i[name]))
	}
	return u
}

// breaker reads the inventory's breaker at most every half second.
func (b *bare) breaker(ctx context.Context) {
	if time.Since(b.breakerRead) < 500*time.Millisecond {
		return
	}
	b.breakerRead = time.Now()
	_, _ = b.get(ctx, b.platform, "BREAKER#inventory", "STATE") // a missing breaker is closed
}

// send sends messages in one call, each with a traceparent attribute.
func (b *bare) send(ctx context.Context, url string, delay int32, bodies ...string) error {
	entries := make([]sqstypes.SendMessageBatchRequestEntry, len(bodies))
	for i, body := range bodies {
		entries[i] = sqstypes.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: &body, DelaySeconds: delay,
			MessageAttributes: map[string]sqstypes.MessageAttributeValue{"traceparent": {
				DataType: aws.String("String"), StringValue: aws.String(strings.Repeat("0", 55)),
			}},
		}
	}
	_, err := b.queues.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	return err
}
