package awsclient

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// watcher records every call that the SDK makes.
type watcher struct {
	now   func() time.Time
	conns *connCounter // to DynamoDB
}

// Instrument adds a watcher to the clients made from cfg. It stands around the SDK's retries
// and sees a call once, however often it was sent.
func Instrument(cfg *aws.Config, now func() time.Time) {
	w := watcher{now, &connCounter{}}
	w.conns.dial(cfg)
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("watch", w.around), middleware.After)
	})
}

func (w watcher) around(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	service := awsmiddleware.GetServiceID(ctx)
	ctx, span := telemetry.Span(ctx, service+"."+awsmiddleware.GetOperationName(ctx), trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	call := next.HandleInitialize
	if service == dynamodb.ServiceID {
		call = w.dynamodb(next)
	}
	out, metadata, err := call(ctx, in)
	if err != nil && outcome(err) == broken {
		span.SetStatus(codes.Error, "")
	}
	return out, metadata, err
}

type handle = func(context.Context, middleware.InitializeInput) (middleware.InitializeOutput, middleware.Metadata, error)

// dynamodb is a call to DynamoDB that is counted.
func (w watcher) dynamodb(next middleware.InitializeHandler) handle {
	return func(ctx context.Context, in middleware.InitializeInput) (middleware.InitializeOutput, middleware.Metadata, error) {
		operation := awsmiddleware.GetOperationName(ctx)
		askForUnits(in.Parameters)
		began := w.now()
		out, metadata, err := next.HandleInitialize(w.conns.watch(ctx), in)
		telemetry.Observe(ctx, metric.DynamoDBDuration, w.now().Sub(began), operation)
		telemetry.Add(ctx, metric.DynamoDBRequests, 1, operation, outcome(err))
		telemetry.Set(ctx, metric.DynamoDBConnections, float64(w.conns.open.Load()))
		if n := units(out.Result); n > 0 {
			telemetry.Add(ctx, metric.DynamoDBUnits, n, operation)
		}
		return out, metadata, err
	}
}
