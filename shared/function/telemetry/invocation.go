package telemetry

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/invochain/invochain/shared/metric"
)

// Invocation starts an invocation's span, below the caller's, and its log scope. A batch
// of messages has no single caller: its span is linked to the span of each sender, and
// each message is handled under its sender's trace (Message). The returned function ends
// the span.
func (r *Recorder) Invocation(ctx context.Context, in Incoming) (context.Context, func(err error)) {
	if r == nil {
		return WithScope(ctx), func(error) {}
	}
	ctx = WithScope(NewContext(ctx, r))
	name := "invocation"
	switch {
	case in.HTTPMethod != "":
		name, ctx = "request", in.parent(ctx)
	case in.Records != nil:
		name = "batch"
	default:
		ctx = in.parent(ctx)
	}
	ctx, span := Span(ctx, name, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("faas.name", lambdacontext.FunctionName)))
	if span.IsRecording() { // the links of any other span are not exported
		for _, m := range in.Records {
			span.AddLink(trace.LinkFromContext(messageContext(context.Background(), m)))
		}
	}
	return ctx, func(err error) { end(span, err) }
}

// Message starts the span of one message of a batch: below its sender's span, linked to
// the batch's span. The returned function ends it. It is a hook for queue.Consumer.
func Message(ctx context.Context, m lambdaevents.SQSMessage) (context.Context, func(err error)) {
	batch := trace.LinkFromContext(ctx)
	ctx = WithScope(ctx, slog.String("message_id", m.MessageId))
	ctx, span := Span(messageContext(trace.ContextWithSpan(ctx, nil), m), "message",
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(batch))
	return ctx, func(err error) { end(span, err) }
}

// Request records a request that was answered, and names the invocation's span after it.
// route is a pattern, never a path; code is that of the problem document, empty for a success.
func Request(ctx context.Context, method, route string, status int, code string, took time.Duration) {
	Add(ctx, metric.HTTPRequests, 1, method, route, strconv.Itoa(status), code)
	Observe(ctx, metric.HTTPDuration, took, method, route)
	span, i := trace.SpanFromContext(ctx), recorder(ctx).instrument(metric.HTTPRequests)
	if !span.IsRecording() || i.count == nil {
		return
	}
	span.SetName(i.allowedValue(0, method) + " " + i.allowedValue(1, route))
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= 500 {
		span.SetStatus(codes.Error, "")
	}
}

// end ends a span. The span does not have the error's text, which may hold personal data.
func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
