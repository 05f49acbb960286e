// Command settle-saga is the last state of a compensation: it records what became
// of the saga and has it announced.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
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
	publish := vars.Required(deployment.PublishQueue)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	h := handler{
		sagas:   saga.Open(db, platform, time.Now).Telling(telemetry.CountHook(metric.SagaCompleted)),
		publish: queue.Producer{SQS: sqs.NewFromConfig(rt.AWS), URL: publish, TraceParent: telemetry.TraceParent},
		now:     time.Now,
		log:     rt.Log,
	}
	rt.Start(h.handle)
}
