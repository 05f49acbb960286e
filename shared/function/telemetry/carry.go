package telemetry

import (
	"context"
	"encoding/json"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Names of the carriers of a trace: W3C Trace Context and AWS X-Ray's header.
const (
	TraceParentKey = "traceparent"
	xrayKey        = "X-Amzn-Trace-Id"
)

// TraceParent returns the context's span as a W3C traceparent, to be sent with a message
// or an invocation; empty if there is none.
func TraceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[TraceParentKey]
}

// withTraceParent makes the span of a W3C traceparent the parent of spans started under
// the returned context. A malformed one changes nothing.
func withTraceParent(ctx context.Context, traceParent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{TraceParentKey: traceParent})
}

// withXRay does the same for an X-Ray header: Root=1-5759e988-bd862e3fe1be46a994272793;
// Parent=53995c3f42cd8ad8;Sampled=1, in any order. Lambda starts a trace for each
// invocation and samples by its own rules. Of the traces that it samples, the recorder
// keeps its own sample.
func withXRay(ctx context.Context, header string) context.Context {
	var c trace.SpanContextConfig
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			if version, id, _ := strings.Cut(value, "-"); version == "1" {
				c.TraceID, _ = trace.TraceIDFromHex(strings.ReplaceAll(id, "-", ""))
			}
		case "Parent":
			c.SpanID, _ = trace.SpanIDFromHex(value)
		case "Sampled":
			c.TraceFlags = c.TraceFlags.WithSampled(value == "1")
		}
	}
	c.TraceFlags = c.TraceFlags.WithSampled(c.TraceFlags.IsSampled() && recorder(ctx).sampled(c.TraceID))
	sc := trace.NewSpanContext(c)
	if !sc.IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, sc)
}

// Incoming holds the parts of an invocation's event that name its trace, whatever the
// event's shape: an API request, a batch of messages, or a direct invocation.
type Incoming struct {
	HTTPMethod  string                    `json:"httpMethod"`
	Headers     map[string]string         `json:"headers"`
	TraceParent string                    `json:"traceparent"` // of a direct invocation
	Records     []lambdaevents.SQSMessage `json:"Records"`
}

// parent returns a context with the caller's trace: the caller's traceparent comes before
// the platform's.
func (in Incoming) parent(ctx context.Context) context.Context {
	if platform, ok := ctx.Value("x-amzn-trace-id").(string); ok { // aws-lambda-go's key
		ctx = withXRay(ctx, platform)
	}
	for name, value := range in.Headers {
		if strings.EqualFold(name, xrayKey) {
			ctx = withXRay(ctx, value)
		}
	}
	for name, value := range in.Headers {
		if strings.EqualFold(name, TraceParentKey) {
			ctx = withTraceParent(ctx, value)
		}
	}
	return withTraceParent(ctx, in.TraceParent)
}

// messageContext returns a context with the trace of a message's sender: from the message
// attribute, from X-Ray's, or from the event that the bus delivered as the body.
func messageContext(ctx context.Context, m lambdaevents.SQSMessage) context.Context {
	if header, ok := m.Attributes["AWSTraceHeader"]; ok {
		ctx = withXRay(ctx, header)
	}
	if a, ok := m.MessageAttributes[TraceParentKey]; ok && a.StringValue != nil {
		return withTraceParent(ctx, *a.StringValue)
	}
	var delivered struct {
		Detail struct {
			TraceParent string `json:"traceparent"`
		} `json:"detail"`
	}
	if err := json.Unmarshal([]byte(m.Body), &delivered); err != nil {
		return ctx
	}
	return withTraceParent(ctx, delivered.Detail.TraceParent)
}
