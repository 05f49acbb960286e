package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
)

// literal is the specification's request, which integrators already send. Its GSTIN has a
// wrong check character and it has no items; the demo merchant accepts it with findings.
// Its number must be new in each walkthrough.
func literal(number string) []byte {
	return fmt.Appendf(nil, `{"invoice_number":%q,"seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN",`+
		`"invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`, number)
}

func (w *walk) oneKeyOneInvoice(ctx context.Context) error {
	number, err := w.freeNumber(ctx)
	if err != nil {
		return err
	}
	stockBefore, err := w.Stock(ctx, "merchant-123", "SKU-001")
	if err != nil {
		return err
	}
	key := client.NewKey()
	first, err := w.Stack.Create(ctx, key, literal(number))
	if err != nil {
		return err
	}
	w.check(first.Status == 201, "the specification's request, number %s, without a token, gets a 201 (%d in %s)",
		number, first.Status, first.Took.Round(time.Millisecond))
	w.check(first.Header.Get("Location") == "/invoices/"+first.Field("id"),
		"Location is %s", first.Header.Get("Location"))
	second, err := w.Create(ctx, key, literal(number))
	if err != nil {
		return err
	}
	w.check(second.Status == 201 && bytes.Equal(first.Body, second.Body),
		"sent again with its key, and with a token, it gets the same status and body")
	w.check(second.Header.Get("X-Idempotent-Replayed") == "true", "with X-Idempotent-Replayed: true")
	n, err := w.invoicesNumbered(ctx, number)
	if err != nil {
		return err
	}
	w.check(n == 1, "the table holds exactly one invoice with that number (%d)", n)
	stockAfter, err := w.Stock(ctx, "merchant-123", "SKU-001")
	w.check(stockBefore == stockAfter,
		"the stock is unchanged: %s on hand, %s reserved", stockAfter.OnHand, stockAfter.Reserved)
	return err
}

// freeNumber returns TEST-001 or the first number after it that is free.
func (w *walk) freeNumber(ctx context.Context) (string, error) {
	for n := 1; ; n++ {
		number := fmt.Sprintf("TEST-%03d", n)
		taken, err := w.invoicesNumbered(ctx, number)
		if err != nil || taken == 0 {
			return number, err
		}
	}
}

// invoicesNumbered counts the invoices with a number. It scans the table, which only a test
// may do.
func (w *walk) invoicesNumbered(ctx context.Context, number string) (int, error) {
	n := 0
	pages := dynamodb.NewScanPaginator(w.DB, &dynamodb.ScanInput{
		TableName:        aws.String(w.Vars(deployment.InvoicesTable)),
		FilterExpression: aws.String("sk = :i AND number_key = :n"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":i": &types.AttributeValueMemberS{Value: "INVOICE"},
			":n": &types.AttributeValueMemberS{Value: "NUMBER#merchant-123#INV#2526#" + number},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.Items)
	}
	return n, nil
}
