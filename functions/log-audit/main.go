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
	platform := vars.Required("INVOCHAIN_PLATFORM_TABLE")
	audits := vars.Required("INVOCHAIN_AUDIT_TABLE")
	publish := vars.Required("INVOCHAIN_PUBLISH_QUEUE_URL")
	source := vars.Required("INVOCHAIN_AUDIT_QUEUE_URL")
	dlq := vars.Required("INVOCHAIN_AUDIT_DLQ_URL")
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db, queues := dynamo.NewBatchReader(dynamodb.NewFromConfig(rt.AWS)), sqs.NewFromConfig(rt.AWS)
	h := handler{
		sagas:    saga.Open(db, platform, time.Now),
		audit:    audit.New(db, audit.Config{Table: audits, OnAppend: lag}),
		publish:  queue.NewBatchProducer(queues, queue.Producer{URL: publish, TraceParent: telemetry.TraceParent}),
		consumer: queue.Consumer{SQS: queues, Source: source, DLQ: dlq, Workers: 50, Log: rt.Log, OnReceive: telemetry.Message},
		now:      time.Now,
		log:      rt.Log,
	}
	rt.Start(h.handle)
}

// lag is recorded once an entry: its message may come twice.
func lag(ctx context.Context, e audit.Entry) {
	telemetry.Observe(ctx, metric.AuditLag, time.Since(time.UnixMilli(e.CommittedAt)))
}
