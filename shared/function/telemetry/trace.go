package telemetry

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Span starts a span below the one that the context carries. Without a recorder the span
// records nothing.
func Span(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	r := recorder(ctx)
	if r == nil {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return r.traces.Tracer(scope).Start(ctx, name, o...)
}

// newTraces applies the sampler to the traces that start here. For any other trace it
// follows the caller's decision.
func newTraces(b *spanBuffer, sampler sdktrace.Sampler) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(b), sdktrace.WithResource(resource.Empty()),
		sdktrace.WithSampler(sdktrace.ParentBased(sampler)))
}

// sampled reports whether the sampler takes a trace. It decides by the trace id, so that
// every function decides the same.
func (r *Recorder) sampled(id trace.TraceID) bool {
	if r == nil {
		return false
	}
	return r.sampler.ShouldSample(sdktrace.SamplingParameters{TraceID: id}).Decision == sdktrace.RecordAndSample
}

// maxSpans bounds the spans that are kept between two flushes. Spans above it are dropped.
const maxSpans = 1024

// spanBuffer keeps ended spans until a flush takes them.
type spanBuffer struct {
	mu    sync.Mutex
	ended []sdktrace.ReadOnlySpan
}

// OnStart implements sdktrace.SpanProcessor.
func (b *spanBuffer) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (b *spanBuffer) OnEnd(s sdktrace.ReadOnlySpan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ended) < maxSpans {
		b.ended = append(b.ended, s)
	}
}

// Shutdown implements sdktrace.SpanProcessor.
func (b *spanBuffer) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (b *spanBuffer) ForceFlush(context.Context) error { return nil }

func (b *spanBuffer) take() []sdktrace.ReadOnlySpan {
	b.mu.Lock()
	defer b.mu.Unlock()
	ended := b.ended
	b.ended = nil
	return ended
}
