package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"golang.org/x/sync/errgroup"
)

// create claims the key while it reads the breaker and the seller, reserves by an invocation, and
// commits while it sends the audit request. It settles the rate meanwhile. Its response is as long
// as an invoice.
func (b *bare) create(ctx context.Context, a job) (map[string]string, error) {
	var reads, others errgroup.Group
	reads.Go(func() error { b.breaker(ctx); return nil })
	reads.Go(func() error {
		_, err := b.get(ctx, b.platform, "MERCHANT#"+a.Merchant, "PROFILE")
		return err
	})
	others.Go(func() error { return b.settle(ctx, a) })
	absent, err := expression.NewBuilder().WithCondition(expression.AttributeNotExists(expression.Name("pk"))).Build()
	if err != nil {
		return nil, err
	}
	_, err = b.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &b.platform, Item: as(b.model.claim, "BARE#"+a.ID, "CURRENT", nil), ReturnConsumedCapacity: units,
		ConditionExpression: absent.Condition(), ExpressionAttributeNames: absent.Names(),
		ReturnValuesOnConditionCheckFailure: oldItem,
	})
	if err != nil {
		return nil, err
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	if _, err := b.invoker.Invoke(ctx, &awslambda.InvokeInput{FunctionName: &b.reserve, Payload: payload}); err != nil {
		return nil, err
	}
	others.Go(func() error { return b.send(ctx, b.auditURL, 1, string(payload)) })
	err = b.commit(ctx, a)
	return map[string]string{"invoice": strings.Repeat("x", answerSize)}, errors.Join(err, others.Wait())
}

// settle adds a request to the merchant's rate.
func (b *bare) settle(ctx context.Context, a job) error {
	now := time.Now()
	expr, err := expression.NewBuilder().
		WithUpdate(set(item{"tat": n(strconv.FormatInt(now.UnixNano(), 10)), "ttl": n(strconv.FormatInt(now.Unix(), 10))})).
		WithCondition(expression.AttributeNotExists(expression.Name("tat")).
			Or(expression.Name("tat").LessThan(expression.Value(now.Add(time.Hour).UnixNano())))).Build()
	if err != nil {
		return err
	}
	_, err = b.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.limits, Key: key("BARE#"+a.Merchant, "RATE"),
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnConsumedCapacity: units, ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: oldItem,
	})
	return err
}

// commit writes the answer, the invoice and the number in one transaction.
func (b *bare) commit(ctx context.Context, a job) error {
	commit, err := expression.NewBuilder().WithUpdate(set(b.model.answer)).
		WithCondition(equal(b.model.claim, "key_state", "owner", "fence")).Build()
	if err != nil {
		return err
	}
	listing := item{"merchant_id": s("bare-" + a.Merchant), "listed_at": s(a.ID)}
	return b.transact(ctx,
		types.TransactWriteItem{Update: &types.Update{
			TableName: &b.platform, Key: key("BARE#"+a.ID, "CURRENT"),
			UpdateExpression: commit.Update(), ConditionExpression: commit.Condition(),
			ExpressionAttributeNames: commit.Names(), ExpressionAttributeValues: commit.Values(),
			ReturnValuesOnConditionCheckFailure: oldItem,
		}},
		put(b.invoices, as(b.model.invoice, "BARE#"+a.ID, "INVOICE", listing)),
		put(b.invoices, as(b.model.number, "BARENUMBER#"+a.ID, "NUMBER", nil)))
}

func (b *bare) reserveStock(ctx context.Context, a job) error {
	barrier := as(b.model.barrier, "BARE#"+a.ID, "000", item{"state": s("RESERVED")})
	delete(barrier, "ttl")
	return b.transact(ctx, put(b.inventory, barrier), b.moveStock(a, "on_hand", "reserved"))
}
