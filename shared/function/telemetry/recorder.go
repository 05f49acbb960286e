package telemetry

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// maxSeries bounds the series of one instrument between two flushes. The allowed values
// of the labels keep an instrument below it; it is the second line of defence.
const maxSeries = 2000

// maxDurations bounds the durations that one flush may hold, so that the array of a
// metric stays within EMF's 100 values. When it is reached, the recorder flushes early.
const maxDurations = 90

// Recorder holds what a process records until Flush sends it. All its methods are safe
// for concurrent use, and on nil, which records nothing.
type Recorder struct {
	lines     *lineWriter
	spool     *spool // sends the spans by OTLP; nil if they are written as lines
	now       func() time.Time
	reader    *sdkmetric.ManualReader
	metrics   map[string]instrument
	spans     *spanBuffer
	traces    *sdktrace.TracerProvider
	sampler   sdktrace.Sampler
	durations atomic.Int64 // recorded since the last flush

	flushing  sync.Mutex
	collected metricdata.ResourceMetrics // by the last flush; its memory is reused
}

// newRecorder creates every instrument of the catalogue. The recorder starts no timer: a
// frozen process could not run it.
func newRecorder(cfg Config) *Recorder {
	reader := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(
		func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.DeltaTemporality }))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(resource.Empty()),
		sdkmetric.WithCardinalityLimit(maxSeries), sdkmetric.WithExemplarFilter(exemplar.AlwaysOffFilter))
	meter, metrics := provider.Meter(scope), map[string]instrument{}
	for _, d := range cfg.Catalogue {
		metrics[d.Name] = newInstrument(meter, d, cfg.Release)
	}
	spans, sampler := &spanBuffer{}, sdktrace.TraceIDRatioBased(cfg.Sample)
	return &Recorder{
		lines: newLineWriter(cfg), now: cfg.Now, reader: reader, metrics: metrics,
		spans: spans, traces: newTraces(spans, sampler), sampler: sampler,
	}
}

// add, observe and set record under label values in the catalogue's order. They ignore a
// metric that the catalogue does not have, or has as another kind.
func (r *Recorder) add(ctx context.Context, name string, n int64, values []string) {
	if i := r.instrument(name); i.count != nil {
		i.count.Add(ctx, n, i.attributes(values))
	}
}

func (r *Recorder) observe(ctx context.Context, name string, d time.Duration, values []string) {
	i := r.instrument(name)
	if i.histogram == nil {
		return
	}
	i.histogram.Record(ctx, max(0, d).Seconds(), i.attributes(values))
	if r.durations.Add(1) == maxDurations {
		_ = r.Flush(ctx)
	}
}

func (r *Recorder) set(ctx context.Context, name string, v float64, values []string) {
	if i := r.instrument(name); i.gauge != nil {
		i.gauge.Record(ctx, v, i.attributes(values))
	}
}

func (r *Recorder) instrument(name string) instrument {
	if r == nil {
		return instrument{}
	}
	return r.metrics[name]
}

// Flush sends what was recorded since the last flush. The function's frame calls it at the
// end of an invocation, before the response: afterwards the process may be frozen or killed.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.flushing.Lock()
	defer r.flushing.Unlock()
	r.durations.Store(0)
	if err := r.reader.Collect(context.WithoutCancel(ctx), &r.collected); err != nil {
		return err
	}
	spans := r.spans.take()
	if r.spool == nil {
		return r.lines.export(r.now(), &r.collected, spans)
	}
	err := r.lines.export(r.now(), &r.collected, nil)
	return errors.Join(err, r.spool.export(ctx, spans))
}
