// Package telemetry makes a running function observable: metrics of a catalogue, spans of
// one trace through every hop, and JSON log lines, joined by the same ids. None of them
// holds personal data.
//
// Code records with Add, Observe, Set, Step and Span under a context that holds a
// Recorder. The function's frame puts it there, and flushes it at the end of each
// invocation. docs/observability.md describes what is exported, and in which form.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/trace"
)

// Names of the log attributes that join a line to a saga, a merchant, a request and a
// trace.
const (
	SagaID     = "saga_id"
	MerchantID = "merchant_id"
	RequestID  = "request_id"
	traceID    = "trace_id"
	spanID     = "span_id"
)

// Logger returns a logger that writes JSON lines to w from level debug, info, warn or
// error upwards; an unknown level means info. Each line carries the ids of its invocation
// and span, and the attributes of the context's scope (WithScope). Lines below warn are
// written for the fraction sample of the traces, 0 to 1: all lines of a trace or none.
func Logger(w io.Writer, level string, sample float64) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(contextHandler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}), sample, nil})
}

// contextHandler adds the attributes of the context to each record.
type contextHandler struct {
	slog.Handler

	sample float64
	own    []slog.Attr // of a derived logger
}

// Handle implements slog.Handler.
func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	span := trace.SpanContextFromContext(ctx)
	if r.Level < slog.LevelWarn && span.IsValid() && !inSample(span.TraceID(), h.sample) {
		return nil
	}
	present := map[string]bool{}
	for _, a := range h.own {
		present[a.Key] = true
	}
	r.Attrs(func(a slog.Attr) bool { present[a.Key] = true; return true })
	for _, a := range attrs(ctx) {
		if !present[a.Key] {
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
func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs), h.sample, slices.Concat(h.own, attrs)}
}

// WithGroup implements slog.Handler.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name), h.sample, h.own}
}

// inSample reports whether a trace is in the fraction of all traces. It decides by the
// random part of the trace id, so that every function decides the same.
func inSample(id trace.TraceID, fraction float64) bool {
	if fraction >= 1 {
		return true
	}
	var n uint64
	for _, b := range id[8:] {
		n = n<<8 | uint64(b)
	}
	return float64(n>>11) < fraction*(1<<53)
}
