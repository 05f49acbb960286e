// Command reserve-inventory keeps stock: it reserves it for sagas, serves its API routes,
// and marks reservations as sold once their invoice is issued.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.InventoryTable)
	platform := vars.Required(deployment.PlatformTable)
	source := vars.Required(deployment.InventoryQueue)
	dlq := vars.Required(deployment.InventoryDLQ)
	callers := caller.ReadNames(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	guard := caller.NewGuard(context.Background(), rt, db, callers)
	stock := inventory.New(db, inventory.Config{Table: table}, rt.Now)
	h := handler{
		store:     stock,
		confirms:  batch.New(inventory.MaxConfirm, stock.ConfirmAll),
		merchants: merchant.NewStore(db, platform, rt.Now),
		consumer:  function.NewConsumer(rt, sqs.NewFromConfig(rt.AWS), source, dlq, inventory.MaxConfirm),
		timeout:   4 * time.Second,
		guard:     guard.Middleware,
		now:       rt.Now,
		log:       rt.Log,
	}
	awsclient.Connect(context.Background(), rt.AWS, awsclient.DynamoDB)
	rt.Start(h.dispatch())
}
