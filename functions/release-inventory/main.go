// Command release-inventory is the compensation of Reserve Inventory.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/inventory"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.InventoryTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	stock := inventory.New(dynamodb.NewFromConfig(rt.AWS), inventory.Config{Table: table}, rt.Now)
	rt.Start(function.Compensation(rt.Log, step.Release, func(ctx context.Context, in saga.Input) (string, error) {
		return stock.Release(ctx, in.SagaID, in.MerchantID)
	}))
}
