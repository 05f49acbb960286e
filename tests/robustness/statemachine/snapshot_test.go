package statemachine_test

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// snapshot is the content of the tables.
type snapshot struct {
	sagas    map[string]saga.Record // by id; a current record takes precedence over its archived copy
	invoices map[string]gst.Invoice
	numbers  map[string]number // by number key, in upper case
	next     int64             // next number of the series
	levels   map[string]level
	barriers map[string]barrier // by saga
	holds    map[string]string  // sagas that cancel, by invoice
}

type number struct {
	InvoiceID string `dynamodbav:"invoice_id"`
	SagaID    string `dynamodbav:"saga_id"`
	Status    string `dynamodbav:"status"`
}

type barrier struct {
	State   string                    `dynamodbav:"state"`
	Lines   map[string]money.Quantity `dynamodbav:"lines"`
	Returns bool                      `dynamodbav:"returns"`
}

// level is a SKU's stock: the sum of its items.
type level struct {
	OnHand   money.Quantity `dynamodbav:"on_hand"`
	Reserved money.Quantity `dynamodbav:"reserved"`
	Sold     money.Quantity `dynamodbav:"sold"`
}

func (l level) plus(other level) level {
	return level{l.OnHand + other.OnHand, l.Reserved + other.Reserved, l.Sold + other.Sold}
}

func (f *fixture) snapshot(ctx context.Context, t require.TestingT) snapshot {
	s := snapshot{
		sagas: map[string]saga.Record{}, invoices: map[string]gst.Invoice{}, numbers: map[string]number{},
		levels: map[string]level{}, barriers: map[string]barrier{}, holds: map[string]string{}, next: 1,
	}
	for _, table := range []string{f.tables.Platform, f.tables.Invoices, f.tables.Inventory} {
		pages := dynamodb.NewScanPaginator(f.client, &dynamodb.ScanInput{
			TableName: &table, ConsistentRead: aws.Bool(true),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			require.NoError(t, err)
			for _, item := range page.Items {
				var key struct {
					PK  string `dynamodbav:"pk"`
					SK  string `dynamodbav:"sk"`
					Doc []byte `dynamodbav:"doc"`
				}
				require.NoError(t, attributevalue.UnmarshalMap(item, &key))
				into := func(v any) { require.NoError(t, attributevalue.UnmarshalMap(item, v)) }
				s.add(t, key.PK, key.SK, key.Doc, into)
			}
		}
	}
	return s
}

func (s *snapshot) add(t require.TestingT, pk, sk string, doc []byte, into func(any)) {
	kind, name, _ := strings.Cut(pk, "#")
	switch kind {
	case "SAGA":
		var r saga.Record
		into(&r)
		if _, current := s.sagas[r.SagaID]; !current || sk == "CURRENT" {
			s.sagas[r.SagaID] = r
		}
	case "INVOICE":
		var inv gst.Invoice
		body, err := idempotency.Decompress(doc)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(body, &inv))
		var row struct {
			Cancellation *gst.Cancellation `dynamodbav:"cancellation"`
		}
		into(&row)
		inv.Cancellation = row.Cancellation
		s.invoices[inv.ID] = inv
	case "CREDIT":
		var b struct {
			Cancelled gst.Cancellation `dynamodbav:"cancelled"`
		}
		into(&b)
		s.holds[name] = b.Cancelled.SagaID
	case "NUMBER":
		var n number
		into(&n)
		s.numbers[name] = n
	case "SERIES":
		var row struct {
			Next int64 `dynamodbav:"next"`
		}
		into(&row)
		s.next = row.Next
	case "STOCK":
		var item level
		into(&item)
		sku := name[strings.LastIndex(name, "#")+1:]
		s.levels[sku] = s.levels[sku].plus(item)
	case "BARRIER":
		var b barrier
		into(&b)
		s.barriers[name] = b
	}
}

// keyHash returns the hash of a saga's key, which begins its id.
func keyHash(sagaID string) string {
	hash, _, _ := strings.Cut(sagaID, "-")
	return hash
}
