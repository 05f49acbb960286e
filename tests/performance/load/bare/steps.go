package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Sizes in bytes of what only travels: an invoice.created, and the answer of a create.
const (
	eventSize  = 620
	answerSize = 1100
)

const (
	units = types.ReturnConsumedCapacityTotal
	told  = types.ReturnValuesOnConditionCheckFailureAllOld
)

func put(table string, i item, refused types.ReturnValuesOnConditionCheckFailure) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &table, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)"), ReturnValuesOnConditionCheckFailure: refused,
	}}
}

// shift moves one piece of a SKU from a column to another, as inventory does.
func (b *bare) shift(a ask, from, to string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &b.inventory, Key: key("STOCK#"+a.Merchant+"#"+a.SKU, "STOCK"),
		UpdateExpression:                    aws.String("SET #from = #from - :q, #to = if_not_exists(#to, :zero) + :q"),
		ConditionExpression:                 aws.String("#from >= :q"),
		ExpressionAttributeNames:            map[string]string{"#from": from, "#to": to},
		ExpressionAttributeValues:           item{":q": n("1000"), ":zero": n("0")},
		ReturnValuesOnConditionCheckFailure: told,
	}}
}

func (b *bare) transact(ctx context.Context, items ...types.TransactWriteItem) error {
	_, err := b.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items, ReturnConsumedCapacity: units})
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

// breaker reads the inventory's breaker when what it read last is half a second old.
func (b *bare) breaker(ctx context.Context) {
	if time.Since(b.asked) < 500*time.Millisecond {
		return
	}
	b.asked = time.Now()
	_, _ = b.get(ctx, b.platform, "BREAKER#inventory", "STATE") // what is not there is closed
}

// create claims, with the breaker read beside it, reserves by an invocation, and commits
// with the nudge beside it. Its answer is as long as an invoice.
func (b *bare) create(ctx context.Context, a ask) (map[string]string, error) {
	known := make(chan struct{})
	go func() {
		defer close(known)
		b.breaker(ctx)
	}()
	absent, err := expression.NewBuilder().WithCondition(expression.AttributeNotExists(expression.Name("pk"))).Build()
	if err != nil {
		return nil, err
	}
	_, err = b.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &b.platform, Item: as(b.model.claim, "BARE#"+a.ID, "CURRENT", nil), ReturnConsumedCapacity: units,
		ConditionExpression: absent.Condition(), ExpressionAttributeNames: absent.Names(), ReturnValuesOnConditionCheckFailure: told,
	})
	if err != nil {
		return nil, err
	}
	<-known
	payload, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	if _, err := b.invoker.Invoke(ctx, &awslambda.InvokeInput{FunctionName: &b.reserve, Payload: payload}); err != nil {
		return nil, err
	}
	nudged := make(chan error, 1)
	go func() { nudged <- b.send(ctx, b.auditURL, 1, string(payload)) }()
	commit, err := expression.NewBuilder().WithUpdate(set(b.model.answer)).WithCondition(equal(b.model.claim, "key_state", "owner", "fence")).Build()
	if err != nil {
		return nil, err
	}
	err = b.transact(ctx,
		types.TransactWriteItem{Update: &types.Update{
			TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"), UpdateExpression: commit.Update(), ConditionExpression: commit.Condition(),
			ExpressionAttributeNames: commit.Names(), ExpressionAttributeValues: commit.Values(), ReturnValuesOnConditionCheckFailure: told,
		}},
		put(b.invoices, as(b.model.invoice, "BARE#"+a.ID, "INVOICE", item{"merchant_id": s("bare-" + a.Merchant), "listed_at": s(a.ID)}), told),
		put(b.invoices, as(b.model.number, "BARENUMBER#"+a.ID, "NUMBER", nil), told))
	if sent := <-nudged; err == nil {
		err = sent
	}
	return map[string]string{"invoice": strings.Repeat("x", answerSize)}, err
}

// send sends messages in one call, each with the attribute that names its sender's span.
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

func (b *bare) reserved(ctx context.Context, a ask) error {
	barrier := as(b.model.barrier, "BARE#"+a.ID, "000", item{"state": s("RESERVED")})
	delete(barrier, "ttl")
	return b.transact(ctx, put(b.inventory, barrier, told), b.shift(a, "on_hand", "reserved"))
}

// audited reads the sagas, appends for each merchant at once, and hands on, ten a call.
func (b *bare) audited(ctx context.Context, asks []ask) error {
	err := each(asks, func(a ask) error {
		_, err := b.get(ctx, b.platform, "BARE#"+a.ID, "CURRENT")
		return err
	})
	if err != nil {
		return err
	}
	chains := map[string][]ask{}
	for _, a := range asks {
		chains[a.Merchant] = append(chains[a.Merchant], a)
	}
	err = each(slices.Collect(maps.Keys(chains)), func(merchant string) error { return b.append(ctx, merchant, chains[merchant]) })
	if err != nil {
		return err
	}
	return each(slices.Collect(slices.Chunk(asks, 10)), func(asks []ask) error {
		bodies := make([]string, len(asks))
		for i, a := range asks {
			a.Filler = strings.Repeat("x", eventSize)
			body, err := json.Marshal(a)
			if err != nil {
				return err
			}
			bodies[i] = string(body)
		}
		return b.send(ctx, b.publishURL, 0, bodies...)
	})
}

// append moves a chain's head on from where it is read, in one transaction with the
// entries; who meets another batch there reads again, and what is there already, from
// an earlier delivery, is left out.
func (b *bare) append(ctx context.Context, merchant string, asks []ask) (err error) {
	pk := "BARE#" + merchant
	for range 30 {
		if len(asks) == 0 {
			return nil
		}
		var out *dynamodb.GetItemOutput
		if out, err = b.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &b.audit, Key: key(pk, "HEAD"), ConsistentRead: aws.Bool(true)}); err != nil {
			return err
		}
		from := 0
		if at, is := out.Item["seq_head"].(*types.AttributeValueMemberN); is {
			from, _ = strconv.Atoi(at.Value)
		}
		items := []types.TransactWriteItem{{Put: &types.Put{
			TableName: &b.audit, Item: as(item{"seq_head": n(strconv.Itoa(from + len(asks))), "hash": b.model.entry["hash"]}, pk, "HEAD", nil),
			ConditionExpression:       aws.String("seq_head = :from OR attribute_not_exists(pk)"),
			ExpressionAttributeValues: item{":from": n(strconv.Itoa(from))},
		}}}
		for i, a := range asks {
			own := item{"merchant_id": s("bare-" + merchant), "seq": n(strconv.Itoa(from + 1 + i))}
			items = append(items, put(b.audit, as(b.model.entry, pk, "ENTRY#"+a.ID, own), ""))
		}
		if err = b.transact(ctx, items...); err == nil {
			return nil
		}
		var left []ask
		for i, a := range asks {
			if _, there := dynamo.ConditionFailedAt(err, i+1); !there {
				left = append(left, a)
			}
		}
		asks = left
	}
	return err
}

// published announces, ten a call, and completes each saga.
func (b *bare) published(ctx context.Context, asks []ask) error {
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
	return each(asks, func(a ask) error { return b.complete(ctx, a) })
}

// complete ends the saga, unless an earlier delivery has.
func (b *bare) complete(ctx context.Context, a ask) error {
	saga, err := b.get(ctx, b.platform, "BARE#"+a.ID, "CURRENT")
	if err != nil {
		return err
	}
	_, err = b.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &b.platform, Item: as(b.model.archived, "BARE#"+a.ID, a.ID, nil), ReturnConsumedCapacity: units,
	})
	if err != nil {
		return err
	}
	gone := expression.Name("redrive")
	expr, err := expression.NewBuilder().
		WithUpdate(set(b.model.ended).Remove(expression.Name("due")).Remove(expression.Name("due_shard")).Remove(expression.Name("kept"))).
		WithCondition(equal(saga, "saga_id", "state").And(gone.Equal(expression.Value(0)).Or(expression.AttributeNotExists(gone)))).Build()
	if err != nil {
		return err
	}
	_, err = b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"), UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnConsumedCapacity: units, ReturnValuesOnConditionCheckFailure: told,
	})
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}

// sold reads each barrier and moves it and its stock on, unless an earlier delivery has.
func (b *bare) sold(ctx context.Context, asks []ask) error {
	return each(asks, func(a ask) error {
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
			ExpressionAttributeNames:            map[string]string{"#state": "state", "#ttl": "ttl"},
			ExpressionAttributeValues:           item{":to": s("SOLD"), ":ttl": b.model.barrier["ttl"], ":reserved": s("RESERVED")},
			ReturnValuesOnConditionCheckFailure: told,
		}}, b.shift(a, "reserved", "sold"))
		if _, done := dynamo.ConditionFailedAt(err, 0); done {
			return nil
		}
		return err
	})
}
