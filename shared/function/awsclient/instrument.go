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

// instrument records every call that the SDK makes.
type instrument struct {
	now         func() time.Time
	connections *connCounter // to DynamoDB
}

// Instrument makes the clients that are created from cfg afterwards record a span for
// each call, and metrics for the calls to DynamoDB. A call counts once, however many
// attempts it takes.
func Instrument(cfg *aws.Config, now func() time.Time) {
	i := instrument{now, &connCounter{}}
	i.connections.wrapDialer(cfg)
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("instrument", i.record), middleware.After)
	})
}

func (i instrument) record(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	service := awsmiddleware.GetServiceID(ctx)
	name := service + "." + awsmiddleware.GetOperationName(ctx)
	ctx, span := telemetry.Span(ctx, name, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	call := next.HandleInitialize
	if service == dynamodb.ServiceID {
		call = i.withMetrics(next)
	}
	out, metadata, err := call(ctx, in)
	if err != nil && outcomeOf(err) == outcomeError {
		span.SetStatus(codes.Error, "")
	}
	return out, metadata, err
}

type handle = func(
	context.Context, middleware.InitializeInput,
) (middleware.InitializeOutput, middleware.Metadata, error)

// withMetrics returns next with the metrics of a call to DynamoDB around it.
func (i instrument) withMetrics(next middleware.InitializeHandler) handle {
	return func(
		ctx context.Context, in middleware.InitializeInput,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		operation := awsmiddleware.GetOperationName(ctx)
		requestUnits(in.Parameters)
		started := i.now()
		out, metadata, err := next.HandleInitialize(i.connections.trace(ctx), in)
		telemetry.Observe(ctx, metric.DynamoDBDuration, i.now().Sub(started), operation)
		telemetry.Add(ctx, metric.DynamoDBRequests, 1, operation, outcomeOf(err))
		telemetry.Set(ctx, metric.DynamoDBConnections, float64(i.connections.open.Load()))
		if n := units(out.Result); n > 0 {
			telemetry.Add(ctx, metric.DynamoDBUnits, n, operation)
		}
		return out, metadata, err
	}
}
