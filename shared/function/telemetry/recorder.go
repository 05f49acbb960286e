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

// A process is busy if it ended busyCount invocations in a span of gatherTime. It then gathers its
// records for as long, and sends them together: each line costs money, and sending processor time.
const (
	gatherTime = time.Second
	busyCount  = 10
)

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
	pace      pace
	later     *time.Timer // flushes what is gathered; nil if nothing is
	lateErr   error       // of flushes that no caller waited for
}

// newRecorder creates every instrument of the catalogue.
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
		r.flushAside(ctx)
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

// EndInvocation sends what was recorded, at the end of an invocation and before its response: afterwards
// the process may be frozen. A busy process gathers it for up to a second instead, and sends it then, or
// when it runs again if it is frozen then, or when it is told to end (Flush). An invocation that
// failed, or answered 500, sends at once, so that no alarm waits. The error is also that of the sends
// since the last end.
func (r *Recorder) EndInvocation(ctx context.Context, failed bool) error {
	if r == nil {
		return nil
	}
	r.flushing.Lock()
	defer r.flushing.Unlock()
	lateErr := r.lateErr
	r.lateErr = nil
	rest := r.pace.gather(r.now())
	if failed || rest <= 0 {
		return errors.Join(lateErr, r.flush(ctx))
	}
	if r.later == nil {
		r.later = time.AfterFunc(rest, func() { r.flushAside(context.WithoutCancel(ctx)) })
	}
	return lateErr
}

// flushAside sends what was recorded, and leaves its error to the next end of an invocation.
func (r *Recorder) flushAside(ctx context.Context) {
	r.flushing.Lock()
	defer r.flushing.Unlock()
	r.lateErr = errors.Join(r.lateErr, r.flush(ctx))
}

// pace counts the invocations that end in each span of gatherTime.
type pace struct {
	began  time.Time // of the span
	ended  int       // invocations in it
	isBusy bool      // the span before was busy
}

// gather counts an invocation that ended, and returns for how long its records may wait.
func (p *pace) gather(now time.Time) time.Duration {
	rest := p.began.Add(gatherTime).Sub(now)
	if rest <= 0 {
		p.isBusy = p.ended >= busyCount && rest > -gatherTime
		p.began, p.ended, rest = now, 0, gatherTime
	}
	p.ended++
	if !p.isBusy {
		return 0
	}
	return rest
}

// Flush sends what was recorded since the last flush.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.flushing.Lock()
	defer r.flushing.Unlock()
	return r.flush(ctx)
}

func (r *Recorder) flush(ctx context.Context) error {
	if r.later != nil {
		r.later.Stop()
		r.later = nil
	}
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
