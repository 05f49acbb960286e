// Command recover-sagas runs every minute and moves every overdue saga towards its end.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/lock"
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
	measured.CacheTTL = time.Nanosecond // a run reads them twice
	machines := function.ReadMachines(vars)
	audits := vars.Required(deployment.AuditQueue)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db, queues := dynamo.NewBatchReader(dynamodb.NewFromConfig(rt.AWS)), sqs.NewFromConfig(rt.AWS)
	store := function.NewSagas(rt, db, platform)
	h := handler{
		locks: lock.New(
			db,
			lock.Config{Table: platform, OnAttempt: telemetry.CountHook(metric.LockAcquisitions)},
			rt.Now,
		),
		fenced:      func(lease lock.Lease) sagas { return store.WithFence(lease) },
		compensator: function.NewExecutor(rt, machines, store),
		audits:      queue.NewBatchProducer(queues, function.NewProducer(queues, audits)),
		gauges:      gauge.New(db, queues, measured, rt.Now),
		now:         rt.Now,
		log:         rt.Log,
	}
	rt.Start(
		function.Dispatch{Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, h.handle(ctx) }},
	)
}
