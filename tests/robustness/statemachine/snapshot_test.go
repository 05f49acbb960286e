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
	"github.com/invochain/invochain/shared/inventory"
)

// snapshot is all that the tables say.
type snapshot struct {
	sagas    map[string]saga.Record // by id; the current record before its archived copy
	invoices map[string]gst.Invoice
	numbers  map[string]number // by their key, which is in capitals
	next     int64             // of the series
	levels   map[string]inventory.Level
	barriers map[string]barrier // by saga
}

type number struct {
	InvoiceID string `dynamodbav:"invoice_id"`
	SagaID    string `dynamodbav:"saga_id"`
	Status    string `dynamodbav:"status"`
}

type barrier struct {
	State string                    `dynamodbav:"state"`
	Lines map[string]money.Quantity `dynamodbav:"lines"`
}

func (w *world) snapshot(ctx context.Context, t require.TestingT) snapshot {
	s := snapshot{
		sagas: map[string]saga.Record{}, invoices: map[string]gst.Invoice{}, numbers: map[string]number{},
		levels: map[string]inventory.Level{}, barriers: map[string]barrier{}, next: 1,
	}
	for _, table := range []string{w.tables.Platform, w.tables.Invoices, w.tables.Inventory} {
		for p := dynamodb.NewScanPaginator(w.client, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}); p.HasMorePages(); {
			page, err := p.NextPage(ctx)
			require.NoError(t, err)
			for _, item := range page.Items {
				var key struct {
					PK  string `dynamodbav:"pk"`
					SK  string `dynamodbav:"sk"`
					Doc []byte `dynamodbav:"doc"`
				}
				require.NoError(t, attributevalue.UnmarshalMap(item, &key))
				into := func(v any) { require.NoError(t, attributevalue.UnmarshalMap(item, v)) }
				s.take(t, key.PK, key.SK, key.Doc, into)
			}
		}
	}
	return s
}

func (s *snapshot) take(t require.TestingT, pk, sk string, doc []byte, into func(any)) {
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
		s.invoices[inv.ID] = inv
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
		var l inventory.Level
		into(&l)
		s.levels[name[strings.LastIndex(name, "#")+1:]] = l
	case "BARRIER":
		var b barrier
		into(&b)
		s.barriers[name] = b
	}
}

// root of a saga's key.
func root(sagaID string) string {
	r, _, _ := strings.Cut(sagaID, "-")
	return r
}
