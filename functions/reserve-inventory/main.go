// Command reserve-inventory keeps stock: it reserves it for sagas, serves its
// routes, and books what was invoiced as sold.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/inventory"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.InventoryTable)
	source := vars.Required(deployment.InventoryQueue)
	dlq := vars.Required(deployment.InventoryDLQ)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	h := handler{
		store:    inventory.New(dynamodb.NewFromConfig(rt.AWS), inventory.Config{Table: table}, time.Now),
		consumer: queue.Consumer{SQS: sqs.NewFromConfig(rt.AWS), Source: source, DLQ: dlq, Workers: 50, Log: rt.Log, OnReceive: telemetry.Message},
		patience: 4 * time.Second,
		now:      time.Now,
		log:      rt.Log,
	}
	rt.Start(h.handle)
}
