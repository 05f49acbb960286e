package telemetry

import (
	"context"
	"math"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// otlp sends what was recorded in OTLP/HTTP's protobuf form (opentelemetry-proto 1.x,
// metrics.proto and trace.proto). It is written here, because the library's exporters
// double a function: see docs/observability.md. The numbers are those of the fields.
//
// Counters and histograms are deltas, without a word of the process that counted, so
// that the receiver's sums are the fleet's. Gauges are left out: each process's own would
// need its name.
type otlp struct{ keeper *spool }

func (o otlp) eager() bool { return false }

func (o otlp) export(ctx context.Context, _ time.Time, m *metricdata.ResourceMetrics, spans []sdktrace.ReadOnlySpan) error {
	if body := metricsRequest(m); body != nil {
		o.keeper.keep("/v1/metrics", body)
	}
	if len(spans) > 0 {
		o.keeper.keep("/v1/traces", tracesRequest(spans))
	}
	return o.keeper.send(ctx)
}

// message is a protobuf message in the making.
type message []byte

func (m message) text(field protowire.Number, s string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func (m message) bytes(field protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), b)
}

func (m message) number(field protowire.Number, n uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), n)
}

func (m message) fixed(field protowire.Number, n uint64) message {
	return protowire.AppendFixed64(protowire.AppendTag(m, field, protowire.Fixed64Type), n)
}

func (m message) double(field protowire.Number, f float64) message {
	return m.fixed(field, math.Float64bits(f))
}

func (m message) at(field protowire.Number, t time.Time) message {
	return m.fixed(field, uint64(max(0, t.UnixNano())))
}

func (m message) attributes(field protowire.Number, kvs []attribute.KeyValue) message {
	for _, kv := range kvs {
		m = m.bytes(field, message{}.text(1, string(kv.Key)).bytes(2, message{}.text(1, kv.Value.String())))
	}
	return m
}

// request wraps a signal's items in its scope and resource.
func request(field protowire.Number, items [][]byte) []byte {
	scoped := message{}.bytes(1, message{}.text(1, scope))
	for _, item := range items {
		scoped = scoped.bytes(field, item)
	}
	resource := message{}.attributes(1, []attribute.KeyValue{attribute.String("service.name", "invochain")})
	return message{}.bytes(1, message{}.bytes(1, resource).bytes(2, scoped))
}

func tracesRequest(spans []sdktrace.ReadOnlySpan) []byte {
	items := make([][]byte, 0, len(spans))
	for _, s := range spans {
		items = append(items, spanMessage(s))
	}
	return request(2, items)
}

func spanMessage(s sdktrace.ReadOnlySpan) message {
	trace, id, parent := s.SpanContext().TraceID(), s.SpanContext().SpanID(), s.Parent().SpanID()
	m := message{}.bytes(1, trace[:]).bytes(2, id[:])
	if parent.IsValid() {
		m = m.bytes(4, parent[:])
	}
	m = m.text(5, s.Name()).number(6, uint64(max(0, s.SpanKind()))).
		at(7, s.StartTime()).at(8, s.EndTime()).attributes(9, s.Attributes())
	for _, l := range s.Links() {
		trace, id := l.SpanContext.TraceID(), l.SpanContext.SpanID()
		m = m.bytes(13, message{}.bytes(1, trace[:]).bytes(2, id[:]))
	}
	if s.Status().Code == codes.Error {
		m = m.bytes(15, message{}.number(3, 2))
	}
	return m
}
