package cloud

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/invochain/invochain/shared/telemetry"
)

// watcher records every call that the SDK makes.
type watcher struct{ now func() time.Time }

// watch adds a watcher to the clients made from cfg. It stands around the SDK's retries
// and sees a call once.
func watch(cfg *aws.Config, now func() time.Time) {
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("watch", watcher{now}.around), middleware.After)
	})
}

func (w watcher) around(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	if service == dynamodb.ServiceID {
		askForUnits(in.Parameters)
	}
	began := w.now()
	ctx, span := telemetry.Span(ctx, service+"."+operation, trace.WithSpanKind(trace.SpanKindClient))
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil && outcome(err) == "error" {
		span.SetStatus(codes.Error, "")
	}
	span.End()
	if results, ok := retry.GetAttemptResults(metadata); ok && len(results.Results) > 1 {
		telemetry.Add(ctx, telemetry.RetryAttempts, int64(len(results.Results)-1), dependency(service))
	}
	if service == dynamodb.ServiceID {
		telemetry.Observe(ctx, telemetry.DynamoDBDuration, w.now().Sub(began), operation)
		telemetry.Add(ctx, telemetry.DynamoDBRequests, 1, operation, outcome(err))
		if units := units(out.Result); units > 0 {
			telemetry.Add(ctx, telemetry.DynamoDBUnits, units, operation)
		}
	}
	return out, metadata, err
}

// dependency is a service's name as the catalogue has it.
func dependency(service string) string {
	switch service {
	case dynamodb.ServiceID:
		return "dynamodb"
	case "SQS":
		return "sqs"
	case "Lambda":
		return "lambda"
	case "SFN":
		return "states"
	case "EventBridge":
		return "events"
	default:
		return service
	}
}
