// Command recover-sagas runs every minute and sees every overdue saga towards its
// end.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
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
	machine := vars.Required("INVOCHAIN_COMPENSATION_ARN")
	audits := vars.Required("INVOCHAIN_AUDIT_QUEUE_URL")
	log := telemetry.Logger(os.Stdout, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := cloud.Load(context.Background())
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(context.Background(), "cannot start", slog.String("error", err.Error()))
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(cfg)
	keys := idempotency.New(db, idempotency.Config{Table: platform}, time.Now)
	h := handler{
		sagas:  saga.NewStore(db, keys, saga.Config{Table: platform}, time.Now),
		undoer: saga.Executions{Client: sfn.NewFromConfig(cfg), MachineARN: machine},
		audits: queue.Outbox{SQS: sqs.NewFromConfig(cfg), URL: audits},
		log:    log,
	}
	lambda.Start(h.handle)
}
