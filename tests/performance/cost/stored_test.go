package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// itemBytes is what DynamoDB adds to each item for its index.
const itemBytes = 100

// storedBytes returns the bytes that the tables of invoices bill, with those of the index by-merchant. The other
// indexes hold nothing of an invoice that succeeded.
func storedBytes(t *testing.T, client *dynamodb.Client, tables dynamotest.Names) float64 {
	t.Helper()
	sum := 0
	for _, table := range []string{tables.Platform, tables.Invoices, tables.Inventory, tables.Audit} {
		pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, item := range page.Items {
				sum += itemBytes + dynamotest.Size(&types.AttributeValueMemberM{Value: item})
				if _, listed := item["listed_at"]; listed {
					sum += itemBytes + dynamotest.Size(&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
						"pk": item["pk"], "sk": item["sk"], "merchant_id": item["merchant_id"], "listed_at": item["listed_at"],
					}})
				}
			}
		}
	}
	return float64(sum)
}
