package collector

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/metric"
)

// fromOTLP reads an export request, and when the newest of its points was recorded.
// MetricsData is the request under another name: the same fields on the wire. A value
// that is cumulative, or a sum that may go down, is an error for the whole of it, so
// that a process set up wrongly is found at once. A gauge is its instance's, which the
// resource names as OpenTelemetry's conventions say.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
func fromOTLP(body []byte) (b Batch, newest time.Time, err error) {
	var data metrics.MetricsData
	if err := proto.Unmarshal(body, &data); err != nil {
		return b, newest, err
	}
	for _, resource := range data.GetResourceMetrics() {
		if instance := labels(resource.GetResource().GetAttributes())["service.instance.id"]; instance != "" {
			b.Instance = instance
		}
		for _, scope := range resource.GetScopeMetrics() {
			for _, m := range scope.GetMetrics() {
				if err := b.take(m, &newest); err != nil {
					return b, newest, err
				}
			}
		}
	}
	b.At = newest.UnixMilli()
	return b, newest, nil
}

func (b *Batch) take(m *metrics.Metric, newest *time.Time) error {
	sum, histogram := m.GetSum(), m.GetHistogram()
	switch {
	case sum != nil && sum.GetIsMonotonic() && isDelta(sum.GetAggregationTemporality()):
		for _, p := range sum.GetDataPoints() {
			b.Deltas = append(b.Deltas, scalar(m.GetName(), p))
			later(newest, p.GetTimeUnixNano())
		}
	case histogram != nil && isDelta(histogram.GetAggregationTemporality()):
		for _, p := range histogram.GetDataPoints() {
			b.Deltas = append(b.Deltas, distribution(m.GetName(), p))
			later(newest, p.GetTimeUnixNano())
		}
	case m.GetGauge() != nil:
		for _, p := range m.GetGauge().GetDataPoints() {
			b.Said = append(b.Said, scalar(m.GetName(), p))
			later(newest, p.GetTimeUnixNano())
		}
	default:
		return fmt.Errorf("%.80q is no monotonic sum and no histogram of delta temporality", m.GetName())
	}
	return nil
}

func later(newest *time.Time, nano uint64) {
	if at := time.Unix(0, int64(min(nano, math.MaxInt64))); at.After(*newest) {
		*newest = at
	}
}

func scalar(name string, p *metrics.NumberDataPoint) Delta {
	return Delta{Name: name, Labels: labels(p.GetAttributes()), Value: number(p)}
}

// distribution has no buckets if they are others than ours; then it is not added.
func distribution(name string, p *metrics.HistogramDataPoint) Delta {
	d := Delta{Name: name, Labels: labels(p.GetAttributes()), Count: p.GetCount(), Sum: p.GetSum()}
	if slices.Equal(p.GetExplicitBounds(), metric.Bounds()) {
		d.Buckets = p.GetBucketCounts()
	}
	return d
}

func isDelta(t metrics.AggregationTemporality) bool {
	return t == metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
}

func number(p *metrics.NumberDataPoint) float64 {
	if n, ok := p.GetValue().(*metrics.NumberDataPoint_AsInt); ok {
		return float64(n.AsInt)
	}
	return p.GetAsDouble()
}

func labels(attributes []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attributes {
		switch v := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			m[a.GetKey()] = v.StringValue
		case *common.AnyValue_IntValue:
			m[a.GetKey()] = strconv.FormatInt(v.IntValue, 10)
		case *common.AnyValue_BoolValue:
			m[a.GetKey()] = strconv.FormatBool(v.BoolValue)
		default:
			m[a.GetKey()] = Overflow // nothing in the catalogue is of such a type
		}
	}
	return m
}
