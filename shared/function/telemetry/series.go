package telemetry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/invochain/invochain/shared/metric"
)

const (
	rupees        = "INR" // unit of a metric that is counted in paise
	paisePerRupee = 100
)

// series is what one metric recorded under one set of label values: a count, a gauge or a
// histogram.
type series struct {
	name, unit string
	labels     map[string]string
	names      []string // of the labels, sorted
	required   []string // names without those of optional labels
	key        string   // of the labels' names and values
	count      *int64
	gauge      *float64
	histogram  *metricdata.HistogramDataPoint[float64]
}

// seriesOf lists what was collected; series with equal labels are adjacent.
func seriesOf(m *metricdata.ResourceMetrics) []series {
	var all []series
	for _, s := range m.ScopeMetrics {
		for _, one := range s.Metrics {
			all = append(all, split(one)...)
		}
	}
	slices.SortStableFunc(all, func(a, b series) int { return cmp.Compare(a.key, b.key) })
	return all
}

func split(m metricdata.Metrics) []series {
	var all []series
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			all = append(all, newSeries(m, p.Attributes))
			all[len(all)-1].count = &p.Value
		}
	case metricdata.Gauge[float64]:
		for _, p := range data.DataPoints {
			all = append(all, newSeries(m, p.Attributes))
			all[len(all)-1].gauge = &p.Value
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			all = append(all, newSeries(m, p.Attributes))
			all[len(all)-1].histogram = &p
		}
	}
	return all
}

// newSeries returns the series of a set of attributes, which is sorted, without a value. It
// leaves out empty labels.
func newSeries(m metricdata.Metrics, set attribute.Set) series {
	s := series{
		name: m.Name, unit: m.Unit,
		labels: make(map[string]string, set.Len()), names: make([]string, 0, set.Len()),
		required: make([]string, 0, set.Len()),
	}
	var key strings.Builder
	for _, kv := range set.ToSlice() {
		name, value := string(kv.Key), kv.Value.String()
		if value == "" {
			continue
		}
		s.labels[name], s.names = value, append(s.names, name)
		if !metric.Optional(m.Name, name) {
			s.required = append(s.required, name)
		}
		key.WriteString(name + "=" + value + ",")
	}
	s.key = key.String()
	return s
}

// number returns a counter's value. Paise become rupees exactly: 1500050 is 15000.50.
func (s series) number() json.Number {
	n := *s.count
	if s.unit != rupees {
		return json.Number(strconv.FormatInt(n, 10))
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return json.Number(fmt.Sprintf("%s%d.%02d", sign, n/paisePerRupee, n%paisePerRupee))
}

// values approximates the durations of a histogram in seconds: the smallest and the
// largest are exact, the others are the middle of their buckets.
func (s series) values() []float64 {
	p := s.histogram
	low, _ := p.Min.Value()
	high, _ := p.Max.Value()
	values := make([]float64, 0, p.Count)
	for i, n := range p.BucketCounts {
		from, to := low, high
		if i > 0 {
			from = max(low, p.Bounds[i-1])
		}
		if i < len(p.Bounds) {
			to = min(high, p.Bounds[i])
		}
		for range n {
			values = append(values, (from+to)/2)
		}
	}
	if len(values) > 0 {
		values[0], values[len(values)-1] = low, high
	}
	return values[:min(len(values), maxValues)]
}
