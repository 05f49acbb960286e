package main

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// publish puts the events on the bus, ten per call, and completes the sagas.
func (b *bare) publish(ctx context.Context, jobs []job) error {
	err := each(slices.Collect(slices.Chunk(jobs, 10)), func(batch []job) error {
		var entries []ebtypes.PutEventsRequestEntry
		for _, a := range batch {
			detail, err := json.Marshal(a)
			if err != nil {
				return err
			}
			entries = append(entries, ebtypes.PutEventsRequestEntry{
				EventBusName: &b.busName, Source: aws.String("bare"), DetailType: aws.String("bare.created"),
				Detail: aws.String(string(detail)),
			})
		}
		_, err := b.bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
		return err
	})
	if err != nil {
		return err
	}
	return each(jobs, func(a job) error { return b.complete(ctx, a) })
}

// complete ends the saga unless an earlier delivery did.
func (b *bare) complete(ctx context.Context, a job) error {
	saga, err := b.get(ctx, b.platform, "BARE#"+a.ID, "CURRENT")
	if err != nil {
		return err
	}
	redrive := expression.Name("redrive")
	expr, err := expression.NewBuilder().
		WithUpdate(set(b.model.ended).
			Remove(expression.Name("due")).Remove(expression.Name("due_shard"))).
		WithCondition(equal(saga, "saga_id", "state").
			And(redrive.Equal(expression.Value(0)).Or(expression.AttributeNotExists(redrive)))).
		Build()
	if err != nil {
		return err
	}
	_, err = b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"),
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnConsumedCapacity: units, ReturnValuesOnConditionCheckFailure: oldItem,
	})
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}

// confirmSold reads the barriers and marks them as sold in one transaction, with one write of the sales of
// each SKU. It leaves out those that an earlier delivery marked.
func (b *bare) confirmSold(ctx context.Context, jobs []job) error {
	err := each(jobs, func(a job) error {
		_, err := b.get(ctx, b.inventory, "BARE#"+a.ID, "000")
		return err
	})
	if err != nil {
		return err
	}
	for len(jobs) > 0 {
		var items []types.TransactWriteItem
		sums := map[[2]string]int{}
		for _, a := range jobs {
			items = append(items, b.markSold(a))
			sums[[2]string{a.Merchant, a.SKU}] += 1000
		}
		for of, q := range sums {
			items = append(items, b.bookSales(of[0], of[1], q))
		}
		err := b.transact(ctx, items...)
		if err == nil {
			return nil
		}
		var left []job
		for i, a := range jobs {
			if _, done := dynamo.ConditionFailedAt(err, i); !done {
				left = append(left, a)
			}
		}
		if len(left) == len(jobs) {
			return err
		}
		jobs = left
	}
	return nil
}

func (b *bare) markSold(a job) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &b.inventory, Key: key("BARE#"+a.ID, "000"),
		UpdateExpression: aws.String("SET #state = :to, #ttl = :ttl"), ConditionExpression: aws.String("#state = :reserved"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":to": s("SOLD"), ":ttl": b.model.barrier["ttl"], ":reserved": s("RESERVED"),
		},
		ReturnValuesOnConditionCheckFailure: oldItem,
	}}
}

func (b *bare) bookSales(merchant, sku string, q int) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &b.inventory, Key: key("STOCK#"+merchant+"#"+sku, "SOLD"),
		UpdateExpression: aws.String("SET reserved = if_not_exists(reserved, :zero) - :q, " +
			"sold = if_not_exists(sold, :zero) + :q, version = if_not_exists(version, :zero) + :one"),
		ExpressionAttributeValues: item{":q": n(strconv.Itoa(q)), ":zero": n("0"), ":one": n("1")},
	}}
}
