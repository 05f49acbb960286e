package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// appendAudit reads the sagas, appends to the log, and sends the publish requests, ten per call.
func (b *bare) appendAudit(ctx context.Context, jobs []job) error {
	err := each(jobs, func(a job) error {
		_, err := b.get(ctx, b.platform, "BARE#"+a.ID, "CURRENT")
		return err
	})
	if err != nil {
		return err
	}
	if err := b.append(ctx, jobs); err != nil {
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

// append writes the next batch of the log in one transaction with its entries. After a conflict
// with another batch it reads the end of the log again. It skips entries of an earlier delivery.
func (b *bare) append(ctx context.Context, jobs []job) (err error) {
	for range 30 {
		if len(jobs) == 0 {
			return nil
		}
		var from int
		if from, err = b.size(ctx); err != nil {
			return err
		}
		keys, items := &types.AttributeValueMemberL{}, make([]types.TransactWriteItem, 1, len(jobs)+1)
		for _, a := range jobs {
			pk := "BAREREGISTER#" + a.Merchant + "#2026-11#" + a.ID[:1]
			keys.Value = append(keys.Value, &types.AttributeValueMemberM{Value: key(pk, a.ID)})
			items = append(items, put(b.audit, as(b.model.entry, pk, a.ID, nil)))
		}
		batch := item{
			"size": n(strconv.Itoa(from + len(jobs))), "buckets": n("4"), "appended_at": n("1"), "entries": keys,
		}
		items[0] = put(b.audit, as(batch, logKey, fmt.Sprintf("BATCH#%016d", from), nil))
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

const logKey = "BARELOG"

// size reads the size of the log from its last batch.
func (b *bare) size(ctx context.Context) (int, error) {
	out, err := b.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &b.audit, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": s(logKey)}, ProjectionExpression: aws.String("#size"),
		ExpressionAttributeNames: map[string]string{"#size": "size"},
	})
	if err != nil || len(out.Items) == 0 {
		return 0, err
	}
	return strconv.Atoi(dynamo.Number(out.Items[0]["size"]))
}
