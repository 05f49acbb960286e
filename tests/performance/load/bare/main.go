// Command bare measures the ceiling of a machine: the functions that process an invoice,
// without their logic. Each makes the AWS calls of the real function, with the same
// attributes, expressions and sizes, and nothing else. BARE_ROLE names the function,
// BARE_SAGA the completed saga whose items are the templates of what it writes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function/awsclient"
)

// bare holds the clients and the names of resources.
type bare struct {
	db                                     *dynamo.BatchReader
	queues                                 *sqs.Client
	invoker                                *awslambda.Client
	bus                                    *eventbridge.Client
	platform, invoices, inventory, audit   string
	limits                                 string
	reserve, auditURL, publishURL, busName string
	model                                  model
	breakerRead                            time.Time // last read of the breaker
}

// job is the message between the steps.
type job struct {
	ID       string `json:"id"`
	Merchant string `json:"merchant"`
	SKU      string `json:"sku"`
	Filler   string `json:"filler,omitempty"`
}

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(awsclient.Transport()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	b := &bare{
		db: dynamo.NewBatchReader(dynamodb.NewFromConfig(cfg)), queues: sqs.NewFromConfig(cfg),
		invoker: awslambda.NewFromConfig(cfg), bus: eventbridge.NewFromConfig(cfg),
		platform: os.Getenv(deployment.PlatformTable), invoices: os.Getenv(deployment.InvoicesTable),
		inventory: os.Getenv(deployment.InventoryTable), audit: os.Getenv(deployment.AuditTable),
		limits:  os.Getenv(deployment.LimitsTable),
		reserve: os.Getenv("BARE_RESERVE"), auditURL: os.Getenv("BARE_AUDIT_URL"), publishURL: os.Getenv("BARE_PUBLISH_URL"),
		busName: os.Getenv(deployment.BusName),
	}
	if err := b.readModel(ctx, os.Getenv("BARE_SAGA")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	switch os.Getenv("BARE_ROLE") {
	case "create":
		lambda.Start(b.create)
	case "reserve":
		lambda.Start(b.reserveStock)
	case "audit":
		lambda.Start(batch(b.appendAudit))
	case "publish":
		lambda.Start(batch(b.publish))
	default:
		lambda.Start(batch(b.confirmSold))
	}
}

type handler = func(context.Context, lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error)

// batch decodes the messages of a batch. If one fails, the whole batch is redelivered.
func batch(do func(context.Context, []job) error) handler {
	return func(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
		jobs := make([]job, len(e.Records))
		for i, m := range e.Records {
			var envelope struct {
				job
				Detail job `json:"detail"`
			}
			if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil {
				return lambdaevents.SQSEventResponse{}, err
			}
			if jobs[i] = envelope.job; envelope.Detail.ID != "" {
				jobs[i] = envelope.Detail
			}
		}
		none := []lambdaevents.SQSBatchItemFailure{}
		return lambdaevents.SQSEventResponse{BatchItemFailures: none}, do(ctx, jobs)
	}
}

// each calls do for all elements concurrently and returns one of the errors.
func each[T any](all []T, do func(T) error) error {
	errs := make(chan error, len(all))
	var wg sync.WaitGroup
	for _, a := range all {
		wg.Go(func() { errs <- do(a) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
