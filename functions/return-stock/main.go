// Command return-stock is the step Return Stock of a cancellation: what the invoice sold is on hand
// again.
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
	"github.com/invochain/invochain/shared/invoice"
)

func main() {
	vars := env.New(os.Getenv)
	invoicesTable := vars.Required(deployment.InvoicesTable)
	table := vars.Required(deployment.InventoryTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	invoices := invoice.NewStore(db, invoicesTable)
	stock := inventory.New(db, inventory.Config{Table: table}, rt.Now)
	rt.Start(function.Cancellation(rt.Log, step.Return, func(ctx context.Context, in saga.Input) (string, error) {
		inv, err := invoices.Load(ctx, in.InvoiceID)
		if err != nil {
			return "", err
		}
		back := inventory.Reservation{SagaID: in.SagaID, MerchantID: in.MerchantID, Lines: inv.StockLines()}
		return stock.Return(ctx, back, inv.SagaID)
	}))
}
