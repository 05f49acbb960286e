package telemetry

import (
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/invochain/invochain/shared/metric"
)

// instrument records one metric of the catalogue: exactly one of its count, histogram
// and gauge is set.
type instrument struct {
	labels    []label
	count     otelmetric.Int64Counter
	histogram otelmetric.Float64Histogram
	gauge     otelmetric.Float64Gauge
	release   string    // the value of metric.ReleaseLabel
	sets      *sync.Map // of attributes by their values, which are bounded: a set is expensive to build
}

type label struct {
	key     attribute.Key
	allowed map[string]bool
}

func newInstrument(meter otelmetric.Meter, d metric.Definition, release string) instrument {
	i := instrument{labels: labelsOf(d), release: release, sets: &sync.Map{}}
	switch d.Kind { // the names are valid: a test creates each instrument
	case metric.Counter:
		i.count, _ = meter.Int64Counter(d.Name, otelmetric.WithUnit(d.Unit))
	case metric.Histogram:
		i.histogram, _ = meter.Float64Histogram(d.Name, otelmetric.WithUnit(d.Unit),
			otelmetric.WithExplicitBucketBoundaries(metric.Bounds()...))
	case metric.Gauge:
		i.gauge, _ = meter.Float64Gauge(d.Name, otelmetric.WithUnit(d.Unit))
	}
	return i
}

func labelsOf(d metric.Definition) []label {
	labels := make([]label, 0, len(d.Labels))
	for _, name := range d.Labels {
		l := label{attribute.Key(name), map[string]bool{}}
		for _, v := range metric.Values(d.Name, name) {
			l.allowed[v] = true
		}
		labels = append(labels, l)
	}
	return labels
}

// attributes pairs the labels with values in the catalogue's order, each bounded to its
// allowed values.
func (i instrument) attributes(values []string) otelmetric.MeasurementOption {
	var key strings.Builder
	kvs := make([]attribute.KeyValue, len(i.labels))
	for n, l := range i.labels {
		v := ""
		if n < len(values) {
			v = values[n]
		}
		v = i.allowedValue(n, v)
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

// allowedValue returns v if label n may have that value, else the label's fallback. The release is
// the recorder's own.
func (i instrument) allowedValue(n int, v string) string {
	if n < len(i.labels) && i.labels[n].key == metric.ReleaseLabel {
		return i.release
	}
	if n >= len(i.labels) || !i.labels[n].allowed[v] {
		return metric.Fallback(string(i.labels[n].key))
	}
	return v
}
