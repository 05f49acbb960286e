package telemetry

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// tracesRequest encodes spans as the body of an OTLP/HTTP export request. TracesData has
// the same wire format as ExportTraceServiceRequest, whose package would bring gRPC. The
// library's own exporters would double the size of a function: see docs/observability.md.
func tracesRequest(spans []sdktrace.ReadOnlySpan) ([]byte, error) {
	messages := make([]*tracepb.Span, len(spans))
	for i, s := range spans {
		messages[i] = spanMessage(s)
	}
	service := attributeMessages([]attribute.KeyValue{attribute.String("service.name", "invochain")})
	return proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:   &resourcepb.Resource{Attributes: service},
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: &commonpb.InstrumentationScope{Name: scope}, Spans: messages}},
	}}})
}

func spanMessage(s sdktrace.ReadOnlySpan) *tracepb.Span {
	trace, id := s.SpanContext().TraceID(), s.SpanContext().SpanID()
	m := &tracepb.Span{
		TraceId: trace[:], SpanId: id[:], Name: s.Name(), Kind: tracepb.Span_SpanKind(s.SpanKind()), //nolint:gosec // 0 to 5
		StartTimeUnixNano: unixNano(s.StartTime()), EndTimeUnixNano: unixNano(s.EndTime()),
		Attributes: attributeMessages(s.Attributes()),
	}
	if parent := s.Parent().SpanID(); parent.IsValid() {
		m.ParentSpanId = parent[:]
	}
	for _, l := range s.Links() {
		trace, id := l.SpanContext.TraceID(), l.SpanContext.SpanID()
		m.Links = append(m.Links, &tracepb.Span_Link{TraceId: trace[:], SpanId: id[:]})
	}
	if s.Status().Code == codes.Error {
		m.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	}
	return m
}

func unixNano(t time.Time) uint64 { return uint64(max(0, t.UnixNano())) }

func attributeMessages(kvs []attribute.KeyValue) []*commonpb.KeyValue {
	messages := make([]*commonpb.KeyValue, len(kvs))
	for i, kv := range kvs {
		text := &commonpb.AnyValue_StringValue{StringValue: kv.Value.String()}
		messages[i] = &commonpb.KeyValue{Key: string(kv.Key), Value: &commonpb.AnyValue{Value: text}}
	}
	return messages
}
