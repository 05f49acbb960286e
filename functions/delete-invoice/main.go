// Command delete-invoice is the compensation of Create Invoice.
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
	"github.com/invochain/invochain/shared/invoice"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	table := vars.Required(deployment.InvoicesTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	sagas, invoices := function.NewSagas(rt, db, platform), invoice.NewStore(db, table)
	rt.Start(function.Compensation(rt.Log, step.Delete, func(ctx context.Context, in saga.Input) (string, error) {
		compensating, err := sagas.CompensatingCheck(in.SagaID)
		if err != nil {
			return "", err
		}
		return invoices.Delete(ctx, in.SagaID, compensating)
	}))
}
