// Command recover-sagas runs every minute and sees every overdue saga towards its
// end.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	measured := gauge.ConfigFromEnv(vars)
	machine := vars.Required(deployment.CompensationARN)
	audits := vars.Required(deployment.AuditQueue)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db, queues := dynamodb.NewFromConfig(rt.AWS), sqs.NewFromConfig(rt.AWS)
	store := saga.Open(db, platform, time.Now).Telling(telemetry.CountHook(metric.SagaCompleted))
	h := handler{
		locks:  lock.New(db, lock.Config{Table: platform, OnAttempt: telemetry.CountHook(metric.LockAcquisitions)}, time.Now),
		led:    func(lead lock.Lease) sagas { return store.WithFence(lead) },
		undoer: saga.StepFunctions{Client: sfn.NewFromConfig(rt.AWS), MachineARN: machine, Trace: telemetry.TraceParent},
		audits: queue.Producer{SQS: queues, URL: audits, TraceParent: telemetry.TraceParent},
		gauges: gauge.New(db, queues, measured, time.Now),
		now:    time.Now,
		log:    rt.Log,
	}
	rt.Start(h.handle)
}
