// Command publish-event puts events on the bus, and completes the sagas whose
// invoices it has announced.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

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
	bus := vars.Required("INVOCHAIN_BUS_NAME")
	dlq := vars.Required("INVOCHAIN_PUBLISH_DLQ_URL")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(cfg)
	keys := idempotency.New(db, idempotency.Config{Table: platform}, time.Now)
	h := handler{
		sagas:    saga.NewStore(db, keys, saga.Config{Table: platform}, time.Now),
		bus:      bus,
		client:   eventbridge.NewFromConfig(cfg),
		consumer: queue.Consumer{SQS: sqs.NewFromConfig(cfg), DLQ: dlq, Workers: 10, MaxReceives: 5, Log: log},
		now:      time.Now,
		log:      log,
	}
	lambda.Start(h.handle)
}
