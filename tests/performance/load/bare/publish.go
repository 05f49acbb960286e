package main

import (
	"context"
	"encoding/json"
	"slices"

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
	for batch := range slices.Chunk(jobs, 10) {
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
		if _, err := b.bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries}); err != nil {
			return err
		}
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

// confirmSold marks each barrier and its stock as sold unless an earlier delivery did.
func (b *bare) confirmSold(ctx context.Context, jobs []job) error {
	return each(jobs, func(a job) error {
		_, err := b.db.Query(ctx, &dynamodb.QueryInput{
			TableName: &b.inventory, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": s("BARE#" + a.ID)},
		})
		if err != nil {
			return err
		}
		err = b.transact(ctx, types.TransactWriteItem{Update: &types.Update{
			TableName: &b.inventory, Key: key("BARE#"+a.ID, "000"),
			UpdateExpression: aws.String("SET #state = :to, #ttl = :ttl"), ConditionExpression: aws.String("#state = :reserved"),
			ExpressionAttributeNames: map[string]string{"#state": "state", "#ttl": "ttl"},
			ExpressionAttributeValues: item{
				":to": s("SOLD"), ":ttl": b.model.barrier["ttl"], ":reserved": s("RESERVED"),
			},
			ReturnValuesOnConditionCheckFailure: oldItem,
		}}, b.moveStock(a, "reserved", "sold"))
		if _, done := dynamo.ConditionFailedAt(err, 0); done {
			return nil
		}
		return err
	})
}
