// Command serve-api serves what is no step of a saga: reads, merchants, health
// and the API's own description.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/cloud"
	"github.com/invochain/invochain/shared/env"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/saga"
	"github.com/invochain/invochain/shared/telemetry"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required("INVOCHAIN_PLATFORM_TABLE")
	invoices := vars.Required("INVOCHAIN_INVOICES_TABLE")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(cfg)
	keys := idempotency.New(db, idempotency.Config{Table: platform}, time.Now)
	h := handler{
		invoices:  invoice.NewStore(db, invoices),
		sagas:     saga.NewStore(db, keys, saga.Config{Table: platform}, time.Now),
		merchants: merchant.NewStore(db, platform, time.Now),
		openAPI:   events.OpenAPI(),
		now:       time.Now,
		log:       log,
	}
	lambda.Start(h.router().Serve)
}
