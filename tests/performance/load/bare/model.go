package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo"
)

type item = dynamo.Item

// model holds the items that the system wrote for one invoice. The bare functions write
// items with the same attributes.
type model struct {
	claim   item // the key's record as first written
	answer  item // attributes set by the commit
	ended   item // attributes set by the completion
	invoice item
	number  item
	barrier item
	entry   item // of the audit log
}

// claimAttributes lists the attributes of a claim that remain when its saga has ended. All
// others belong to the answer.
func claimAttributes() []string {
	return []string{
		"pk", "sk", "key_state", "owner", "fence", "lease_until", "fingerprint",
		"saga_id", "merchant_id", "actor", "state", "begun_at", "reserves",
	}
}

var errUnusable = errors.New("the model saga has not ended or has an unknown form")

// readModel reads the items of a completed saga whose invoice has one line with a SKU.
func (b *bare) readModel(ctx context.Context, sagaID string) error {
	keyHash, _, _ := strings.Cut(sagaID, "-")
	record, err := b.get(ctx, b.platform, "SAGA#"+keyHash, "CURRENT")
	if err != nil {
		return err
	}
	steps, _ := record["steps"].(*types.AttributeValueMemberL)
	if steps == nil || len(steps.Value) < 4 || text(record, "state") != "COMPLETED" {
		return errUnusable
	}
	m := model{claim: item{"due_shard": s("bare"), "due": n("1")}, answer: item{}}
	for name, v := range record {
		if slices.Contains(claimAttributes(), name) {
			m.claim[name] = v
		} else if name != "ttl" {
			m.answer[name] = v
		}
	}
	m.ended = item{"state": record["state"], "steps": steps, "ttl": record["ttl"]}
	maps.Copy(m.answer, item{
		"key_state": record["key_state"], "state": s("COMMITTED"),
		"steps": &types.AttributeValueMemberL{Value: steps.Value[:2]},
	})
	merchant, invoice := text(record, "merchant_id"), text(record, "invoice_id")
	var errs [4]error
	m.invoice, errs[0] = b.get(ctx, b.invoices, "INVOICE#"+invoice, "INVOICE")
	m.number, errs[1] = b.get(ctx, b.invoices, text(m.invoice, "number_key"), "NUMBER")
	m.barrier, errs[2] = b.get(ctx, b.inventory, "BARRIER#"+sagaID, "000")
	m.entry, errs[3] = b.readEntry(ctx, merchant, text(record, "dated")[:len("2026-11")], sagaID)
	b.model = m
	return errors.Join(errs[:]...)
}

// readEntry reads the audit log's entry of a saga.
func (b *bare) readEntry(ctx context.Context, merchant, period, sagaID string) (item, error) {
	found, exists, err := audit.New(b.db, audit.Config{Table: b.audit, Now: time.Now}).Find(ctx, merchant, period, sagaID)
	if err == nil && !exists {
		err = errUnusable
	}
	return item{"place": n("0"), "data": &types.AttributeValueMemberB{Value: found.Data}}, err
}

func (b *bare) get(ctx context.Context, table, pk, sk string) (item, error) {
	out, err := b.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &table, Key: key(pk, sk), ConsistentRead: aws.Bool(true),
	})
	if err == nil && len(out.Item) == 0 {
		err = errUnusable
	}
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }

func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

func text(i item, name string) string {
	v, _ := i[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

func key(pk, sk string) item { return item{"pk": s(pk), "sk": s(sk)} }

// as returns a copy of i with another key and the attributes own.
func as(i item, pk, sk string, own item) item {
	i = maps.Clone(i)
	maps.Copy(i, key(pk, sk))
	maps.Copy(i, own)
	return i
}
