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

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// appendAudit reads the sagas, appends to the merchants' chains concurrently, and sends the
// publish requests, ten per call.
func (b *bare) appendAudit(ctx context.Context, jobs []job) error {
	err := each(jobs, func(a job) error {
		_, err := b.get(ctx, b.platform, "BARE#"+a.ID, "CURRENT")
		return err
	})
	if err != nil {
		return err
	}
	chains := map[string][]job{}
	for _, a := range jobs {
		chains[a.Merchant] = append(chains[a.Merchant], a)
	}
	err = each(slices.Collect(maps.Keys(chains)), func(merchant string) error {
		return b.append(ctx, merchant, chains[merchant])
	})
	if err != nil {
		return err
	}
	return each(slices.Collect(slices.Chunk(jobs, 10)), func(jobs []job) error {
		bodies := make([]string, len(jobs))
		for i, a := range jobs {
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

// append advances a chain's head in one transaction with the entries. After a conflict
// with another batch it reads the head again. It skips entries of an earlier delivery.
func (b *bare) append(ctx context.Context, merchant string, jobs []job) (err error) {
	pk := "BARE#" + merchant
	for range 30 {
		if len(jobs) == 0 {
			return nil
		}
		var out *dynamodb.GetItemOutput
		out, err = b.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &b.audit, Key: key(pk, "HEAD"), ConsistentRead: aws.Bool(true),
		})
		if err != nil {
			return err
		}
		from := 0
		if at, is := out.Item["seq_head"].(*types.AttributeValueMemberN); is {
			from, _ = strconv.Atoi(at.Value)
		}
		head := item{"seq_head": n(strconv.Itoa(from + len(jobs))), "hash": b.model.entry["hash"]}
		items := []types.TransactWriteItem{{Put: &types.Put{
			TableName: &b.audit, Item: as(head, pk, "HEAD", nil),
			ConditionExpression:       aws.String("seq_head = :from OR attribute_not_exists(pk)"),
			ExpressionAttributeValues: item{":from": n(strconv.Itoa(from))},
		}}}
		for i, a := range jobs {
			own := item{"merchant_id": s("bare-" + merchant), "seq": n(strconv.Itoa(from + 1 + i))}
			items = append(items, put(b.audit, as(b.model.entry, pk, "ENTRY#"+a.ID, own), ""))
		}
		if err = b.transact(ctx, items...); err == nil {
			return nil
		}
		var left []job
		for i, a := range jobs {
			if _, there := dynamo.ConditionFailedAt(err, i+1); !there {
				left = append(left, a)
			}
		}
		jobs = left
	}
	return err
}
