// Command log-audit appends every committed saga's invoice to the audit log and
// hands its event on to be published.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	audits := vars.Required(deployment.AuditTable)
	publish := vars.Required(deployment.PublishQueue)
	source := vars.Required(deployment.AuditQueue)
	dlq := vars.Required(deployment.AuditDLQ)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db, queues := dynamo.NewBatchReader(dynamodb.NewFromConfig(rt.AWS)), sqs.NewFromConfig(rt.AWS)
	h := handler{
		sagas:    function.NewSagas(rt, db, platform),
		audit:    audit.New(db, audit.Config{Table: audits, OnAppend: recordLag, Now: rt.Now}),
		publish:  queue.NewBatchProducer(queues, function.NewProducer(queues, publish)),
		consumer: function.NewConsumer(rt, queues, source, dlq, audit.MaxBatch),
		now:      rt.Now,
		log:      rt.Log,
	}
	rt.Start(function.Dispatch{Queue: h.handle})
}

// recordLag is called once for each entry, although its message may come twice.
func recordLag(ctx context.Context, e audit.Entry) {
	telemetry.Observe(ctx, metric.AuditLag, time.Since(time.UnixMilli(e.At)))
}
