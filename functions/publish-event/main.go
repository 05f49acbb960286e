// Command publish-event puts events on the bus and completes the sagas of published invoices.
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
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
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
		sagas:    function.NewSagas(rt, db, platform),
		bus:      bus,
		client:   eventbridge.NewFromConfig(rt.AWS),
		consumer: function.NewConsumer(rt, sqs.NewFromConfig(rt.AWS), source, dlq, 50),
		now:      rt.Now,
		log:      rt.Log,
	}
	rt.Start(function.Dispatch{Queue: h.handle})
}
