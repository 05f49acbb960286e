// Command release-inventory is the compensation of Reserve Inventory.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/cloud"
	"github.com/invochain/invochain/shared/env"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/telemetry"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required("INVOCHAIN_INVENTORY_TABLE")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	h := handler{
		store: inventory.New(dynamodb.NewFromConfig(cfg), inventory.Config{Table: table}, time.Now),
		log:   log,
	}
	lambda.Start(h.handle)
}
