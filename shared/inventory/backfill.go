package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// BackfillAPI is the subset of the DynamoDB client that Backfill uses.
type BackfillAPI interface {
	dynamo.Updater
	dynamodb.ScanAPIClient
}

// Backfill adds to the merchants' lists the stock that a release without lists has counted in.
// It is run once, by an operator, after that release is gone: it scans the table. It may run
// while stock is reserved and counted, and again after an error.
type Backfill struct {
	DB    BackfillAPI
	Table string
}

// Run returns how many SKUs it added.
func (b Backfill) Run(ctx context.Context) (int, error) {
	unlisted := expression.Name("pk").BeginsWith(stockPrefix).And(
		expression.Name("sk").Equal(expression.Value(stockSK)), expression.Name(stockOf).AttributeNotExists())
	added := 0
	for item, err := range dynamo.Scan(ctx, b.DB, b.Table, unlisted) {
		if err != nil {
			return added, fmt.Errorf("scan stock: %w", err)
		}
		if err := b.add(ctx, item); err != nil {
			return added, err
		}
		added++
	}
	return added, nil
}

func (b Backfill) add(ctx context.Context, item dynamo.Item) error {
	of := ownerOf(item)
	change := addToList(expression.UpdateBuilder{}, of.merchantID)
	exists := expression.Name("pk").AttributeExists()
	_, err := dynamo.Update(ctx, b.DB, b.Table, stockKey(of.merchantID, of.sku), change, exists, types.ReturnValueNone)
	if err != nil {
		return fmt.Errorf("list the stock of a SKU: %w", err)
	}
	return nil
}
