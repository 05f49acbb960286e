// Command reserve-inventory keeps stock: it reserves it for sagas, serves its
// routes, and books what was invoiced as sold.
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

	"github.com/invochain/invochain/shared/cloud"
	"github.com/invochain/invochain/shared/env"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/queue"
	"github.com/invochain/invochain/shared/telemetry"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required("INVOCHAIN_INVENTORY_TABLE")
	dlq := vars.Required("INVOCHAIN_INVENTORY_DLQ_URL")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	h := handler{
		store:    inventory.New(dynamodb.NewFromConfig(cfg), inventory.Config{Table: table}, time.Now),
		consumer: queue.Consumer{SQS: sqs.NewFromConfig(cfg), DLQ: dlq, Workers: 10, MaxReceives: 5, Log: log},
		patience: 4 * time.Second,
		now:      time.Now,
		log:      log,
	}
	lambda.Start(h.handle)
}
