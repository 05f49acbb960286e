package telemetry

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// maxSpans are kept between two flushes; what comes on top is lost.
const maxSpans = 1024

// spanBuffer keeps ended spans until they are taken.
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

// newTraces samples, of the traces that begin here, what share does, and follows the
// caller's decision for those that do not.
func newTraces(b *spanBuffer, share sdktrace.Sampler) *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(b), sdktrace.WithResource(resource.Empty()),
		sdktrace.WithSampler(sdktrace.ParentBased(share)))
}

// sampled tells whether a trace is of the share that is sampled. The id decides, so that
// every function says the same of a trace.
func (r *Recorder) sampled(id trace.TraceID) bool {
	return r != nil && r.share.ShouldSample(sdktrace.SamplingParameters{TraceID: id}).Decision == sdktrace.RecordAndSample
}

// Span begins a span below the one that the context carries. Without a recorder it is
// one that records nothing.
func Span(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	r := recorder(ctx)
	if r == nil {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return r.traces.Tracer(scope).Start(ctx, name, o...)
}
