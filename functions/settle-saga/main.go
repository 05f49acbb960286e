// Command settle-saga is the last state of a compensation and of a cancellation: it records what
// became of the saga and has it announced.
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
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	publish := vars.Required(deployment.PublishQueue)
	audits := vars.Required(deployment.AuditQueue)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	queues := sqs.NewFromConfig(rt.AWS)
	h := handler{
		sagas:   function.NewSagas(rt, dynamodb.NewFromConfig(rt.AWS), platform),
		publish: function.NewProducer(queues, publish),
		audits:  function.NewProducer(queues, audits),
		now:     rt.Now,
		log:     rt.Log,
	}
	rt.Start(function.Dispatch{Invoke: function.Input(h.settle)})
}
