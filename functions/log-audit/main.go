// Command log-audit appends every committed saga's invoice to the audit log and
// hands its event on to be published.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/cloud"
	"github.com/invochain/invochain/shared/env"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/queue"
	"github.com/invochain/invochain/shared/saga"
	"github.com/invochain/invochain/shared/telemetry"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required("INVOCHAIN_PLATFORM_TABLE")
	audits := vars.Required("INVOCHAIN_AUDIT_TABLE")
	publish := vars.Required("INVOCHAIN_PUBLISH_QUEUE_URL")
	dlq := vars.Required("INVOCHAIN_AUDIT_DLQ_URL")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	db, queues := dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg)
	keys := idempotency.New(db, idempotency.Config{Table: platform}, time.Now)
	h := handler{
		sagas:    saga.NewStore(db, keys, saga.Config{Table: platform}, time.Now),
		audit:    audit.NewLog(db, audits),
		publish:  queue.Outbox{SQS: queues, URL: publish},
		consumer: queue.Consumer{SQS: queues, DLQ: dlq, Workers: 10, MaxReceives: 5, Log: log},
		now:      time.Now,
		log:      log,
	}
	lambda.Start(h.handle)
}
