// Command publish-event puts events on the bus, and completes the sagas whose
// invoices it has announced.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	bus := vars.Required(deployment.BusName)
	source := vars.Required(deployment.PublishQueue)
	dlq := vars.Required(deployment.PublishDLQ)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamo.NewBatchReader(dynamodb.NewFromConfig(rt.AWS))
	h := handler{
		sagas:    saga.Open(db, platform, time.Now).Telling(telemetry.CountHook(metric.SagaCompleted)),
		bus:      bus,
		client:   eventbridge.NewFromConfig(rt.AWS),
		consumer: queue.Consumer{SQS: sqs.NewFromConfig(rt.AWS), Source: source, DLQ: dlq, Workers: 50, Log: rt.Log, OnReceive: telemetry.Message},
		now:      time.Now,
		log:      rt.Log,
	}
	rt.Start(h.handle)
}
