package telemetry

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/invochain/invochain/shared/metric"
)

// maxSeries of one instrument between two flushes. The sets of Values keep below it;
// it is the second net.
const maxSeries = 2000

// maxTimes are the times that one flush may hold, so that a metric's array in a line
// keeps within EMF's 100 values. A run that records more writes in between.
const maxTimes = 90

// exporter sends what was recorded since the last time.
type exporter interface {
	export(ctx context.Context, at time.Time, m *metricdata.ResourceMetrics, spans []sdktrace.ReadOnlySpan) error
	// eager tells whether much may be sent before an invocation's end.
	eager() bool
}

// Recorder keeps what a process records until Flush sends it. All its methods may be
// called at the same time, and on nil, which records nothing.
type Recorder struct {
	exporter exporter
	now      func() time.Time
	reader   *sdkmetric.ManualReader
	metrics  map[string]instrument
	spans    *spanBuffer
	traces   *sdktrace.TracerProvider
	share    sdktrace.Sampler // of the traces, 0 to 1
	times    atomic.Int64     // recorded since the last flush

	flushing  sync.Mutex
	collected metricdata.ResourceMetrics // by the last flush; its memory is used again
}

// instrument is one metric of the catalogue.
type instrument struct {
	labels []label
	count  otelmetric.Int64Counter
	time   otelmetric.Float64Histogram
	gauge  otelmetric.Float64Gauge
	sets   *sync.Map // of attributes by their values, which are bounded: a set costs much to make
}

type label struct {
	key    attribute.Key
	values map[string]bool
}

// newRecorder makes every instrument of the catalogue. Nothing is sent by itself: no
// goroutine ticks, since a frozen process does not.
func newRecorder(e exporter, sample float64, now func() time.Time) *Recorder {
	reader := sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(
		func(sdkmetric.InstrumentKind) metricdata.Temporality { return metricdata.DeltaTemporality }))
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(resource.Empty()),
		sdkmetric.WithCardinalityLimit(maxSeries), sdkmetric.WithExemplarFilter(exemplar.AlwaysOffFilter))
	r := &Recorder{exporter: e, now: now, reader: reader, metrics: map[string]instrument{}, spans: &spanBuffer{}}
	r.share = sdktrace.TraceIDRatioBased(sample)
	r.traces = newTraces(r.spans, r.share)
	meter := provider.Meter(scope)
	for _, m := range metric.Catalogue() {
		i := instrument{labels: labelsOf(m), sets: &sync.Map{}}
		switch m.Kind { // the names are valid: a test makes each
		case metric.Counter:
			i.count, _ = meter.Int64Counter(m.Name, otelmetric.WithUnit(m.Unit))
		case metric.Histogram:
			i.time, _ = meter.Float64Histogram(m.Name, otelmetric.WithUnit(m.Unit), otelmetric.WithExplicitBucketBoundaries(metric.Bounds()...))
		case metric.Gauge:
			i.gauge, _ = meter.Float64Gauge(m.Name, otelmetric.WithUnit(m.Unit))
		}
		r.metrics[m.Name] = i
	}
	return r
}

func labelsOf(m metric.Definition) []label {
	labels := make([]label, 0, len(m.Labels))
	for _, name := range m.Labels {
		l := label{attribute.Key(name), map[string]bool{}}
		for _, v := range metric.Values(m.Name, name) {
			l.values[v] = true
		}
		labels = append(labels, l)
	}
	return labels
}

// attributes names values in the catalogue's order, each within its set.
func (i instrument) attributes(values []string) otelmetric.MeasurementOption {
	var key strings.Builder
	kvs := make([]attribute.KeyValue, len(i.labels))
	for n, l := range i.labels {
		v := ""
		if n < len(values) {
			v = values[n]
		}
		v = i.bounded(n, v)
		kvs[n] = l.key.String(v)
		key.WriteString(v + "\x00")
	}
	if known, ok := i.sets.Load(key.String()); ok {
		set, _ := known.(otelmetric.MeasurementOption)
		return set
	}
	set := otelmetric.WithAttributeSet(attribute.NewSet(kvs...))
	i.sets.Store(key.String(), set)
	return set
}

// bounded is the value that label n takes when it is given v.
func (i instrument) bounded(n int, v string) string {
	if n >= len(i.labels) || !i.labels[n].values[v] {
		return metric.Fallback(string(i.labels[n].key))
	}
	return v
}

// add, observe and set record under the labels' values in the catalogue's order. What
// the catalogue does not have, or has as another kind, is not recorded.
func (r *Recorder) add(ctx context.Context, name string, n int64, values []string) {
	if i := r.instrument(name); i.count != nil {
		i.count.Add(ctx, n, i.attributes(values))
	}
}

func (r *Recorder) observe(ctx context.Context, name string, d time.Duration, values []string) {
	i := r.instrument(name)
	if i.time == nil {
		return
	}
	i.time.Record(ctx, max(0, d).Seconds(), i.attributes(values))
	if r.times.Add(1) == maxTimes && r.exporter.eager() {
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

// Flush sends what was recorded since the last one. It is called at an invocation's
// end, before the answer leaves: afterwards the process may be frozen or ended.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.flushing.Lock()
	defer r.flushing.Unlock()
	r.times.Store(0)
	if err := r.reader.Collect(context.WithoutCancel(ctx), &r.collected); err != nil {
		return err
	}
	return r.exporter.export(ctx, r.now(), &r.collected, r.spans.take())
}
