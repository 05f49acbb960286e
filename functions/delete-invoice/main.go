// Command delete-invoice is the compensation of Create Invoice.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	invoices := vars.Required(deployment.InvoicesTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	h := handler{
		sagas:    saga.Open(db, platform, time.Now),
		invoices: invoice.NewStore(db, invoices),
		log:      rt.Log,
	}
	rt.Start(h.handle)
}
