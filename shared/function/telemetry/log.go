// Package telemetry lets a running function be seen: metrics of one catalogue, spans of
// one trace through every hop, and one JSON log line an event, joined by identifiers.
// None of them holds personal data.
//
// Whoever works under a context that holds a Recorder records with Add, Observe, Step
// and Span; the function's frame puts it there, and sends what was recorded at the end
// of each invocation. docs/observability.md says what leaves, and how.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/trace"
)

// Names of the attributes that join a line to a saga, a merchant, a request and a trace.
const (
	SagaID     = "saga_id"
	MerchantID = "merchant_id"
	RequestID  = "request_id"
	traceID    = "trace_id"
	spanID     = "span_id"
)

// Logger writes JSON lines to w at level debug, info, warn or error; an unknown level
// means info. Each line names its invocation, its span, and what With and Note said of
// the context. Of the lines below warn only those of a share of the traces are written:
// sample, 0 to 1. A trace's lines are written all or none.
func Logger(w io.Writer, level string, sample float64) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(joined{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}), sample, nil})
}

// joined adds the context's attributes to each record.
type joined struct {
	slog.Handler
	sample float64
	own    []slog.Attr // of a derived logger
}

// Handle implements slog.Handler.
func (h joined) Handle(ctx context.Context, r slog.Record) error {
	span := trace.SpanContextFromContext(ctx)
	if r.Level < slog.LevelWarn && span.IsValid() && !within(span.TraceID(), h.sample) {
		return nil
	}
	said := map[string]bool{}
	for _, a := range h.own {
		said[a.Key] = true
	}
	r.Attrs(func(a slog.Attr) bool { said[a.Key] = true; return true })
	for _, a := range attrs(ctx) {
		if !said[a.Key] {
			r.AddAttrs(a)
		}
	}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("invocation_id", lc.AwsRequestID))
	}
	if span.IsValid() {
		r.AddAttrs(slog.String(traceID, span.TraceID().String()), slog.String(spanID, span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h joined) WithAttrs(attrs []slog.Attr) slog.Handler {
	return joined{h.Handler.WithAttrs(attrs), h.sample, slices.Concat(h.own, attrs)}
}

// WithGroup implements slog.Handler.
func (h joined) WithGroup(name string) slog.Handler {
	return joined{h.Handler.WithGroup(name), h.sample, h.own}
}

// within tells whether a trace is among a share of all, by the random part of its id:
// every function decides the same.
func within(id trace.TraceID, share float64) bool {
	if share >= 1 {
		return true
	}
	var n uint64
	for _, b := range id[8:] {
		n = n<<8 | uint64(b)
	}
	return float64(n>>11) < share*(1<<53)
}
