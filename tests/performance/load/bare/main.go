// Command bare is the ceiling of what this machine can do: the functions of an
// invoice's way without any of their logic. Each makes the AWS calls that its model
// makes, with the same attributes, expressions and sizes, and nothing else. BARE_ROLE
// says which it is, BARE_SAGA whose items it writes the like of.
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

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function/awsclient"
)

// bare has the clients and names that the steps use.
type bare struct {
	db                                     *dynamo.BatchReader
	queues                                 *sqs.Client
	invoker                                *awslambda.Client
	bus                                    *eventbridge.Client
	platform, invoices, inventory, audit   string
	reserve, auditURL, publishURL, busName string
	model                                  model
	asked                                  time.Time // for the breaker's state
}

// ask is what goes from step to step.
type ask struct {
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
		db: dynamo.NewBatchReader(dynamodb.NewFromConfig(cfg)), queues: sqs.NewFromConfig(cfg), invoker: awslambda.NewFromConfig(cfg), bus: eventbridge.NewFromConfig(cfg),
		platform: os.Getenv("INVOCHAIN_PLATFORM_TABLE"), invoices: os.Getenv("INVOCHAIN_INVOICES_TABLE"),
		inventory: os.Getenv("INVOCHAIN_INVENTORY_TABLE"), audit: os.Getenv("INVOCHAIN_AUDIT_TABLE"),
		reserve: os.Getenv("BARE_RESERVE"), auditURL: os.Getenv("BARE_AUDIT_URL"), publishURL: os.Getenv("BARE_PUBLISH_URL"),
		busName: os.Getenv("INVOCHAIN_BUS_NAME"),
	}
	if err := b.like(ctx, os.Getenv("BARE_SAGA")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	switch os.Getenv("BARE_ROLE") {
	case "create":
		lambda.Start(b.create)
	case "reserve":
		lambda.Start(b.reserved)
	case "audit":
		lambda.Start(batch(b.audited))
	case "publish":
		lambda.Start(batch(b.published))
	default:
		lambda.Start(batch(b.sold))
	}
}

// batch reads a batch's messages; whatever fails, all of it comes back.
func batch(do func(context.Context, []ask) error) func(context.Context, lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	return func(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
		asks := make([]ask, len(e.Records))
		for i, m := range e.Records {
			var envelope struct {
				ask
				Detail ask `json:"detail"`
			}
			if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil {
				return lambdaevents.SQSEventResponse{}, err
			}
			if asks[i] = envelope.ask; envelope.Detail.ID != "" {
				asks[i] = envelope.Detail
			}
		}
		return lambdaevents.SQSEventResponse{BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}}, do(ctx, asks)
	}
}

// each does something for every one, side by side, and returns one of the errors.
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
