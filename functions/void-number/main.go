// Command void-number is the step Void Number of a cancellation: it marks the invoice as cancelled
// and its number as void.
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
	rt.Start(function.Cancellation(rt.Log, step.Void, func(ctx context.Context, in saga.Input) (string, error) {
		cancelling, err := sagas.CancellingCheck(in.SagaID)
		if err != nil {
			return "", err
		}
		return invoices.Cancel(ctx, in.InvoiceID, in.SagaID, cancelling)
	}))
}
