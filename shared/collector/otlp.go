package collector

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/telemetry"
)

// fromOTLP reads the deltas of an export request, and when the newest was recorded.
// MetricsData is the request under another name: the same fields on the wire. Only
// what can be summed is taken: a value that is cumulative, or that may go down, is an
// error for the whole of it, so that a process set up wrongly is found at once.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
func fromOTLP(body []byte) (deltas []Delta, newest time.Time, err error) {
	var data metrics.MetricsData
	if err := proto.Unmarshal(body, &data); err != nil {
		return nil, newest, err
	}
	var last uint64
	for _, resource := range data.GetResourceMetrics() {
		for _, scope := range resource.GetScopeMetrics() {
			for _, m := range scope.GetMetrics() {
				more, at, err := fromMetric(m)
				if err != nil {
					return nil, newest, err
				}
				deltas, last = append(deltas, more...), max(last, at)
			}
		}
	}
	return deltas, time.Unix(0, int64(min(last, 1<<62))), nil
}

func fromMetric(m *metrics.Metric) (deltas []Delta, newest uint64, err error) {
	sum, histogram := m.GetSum(), m.GetHistogram()
	switch {
	case sum != nil && sum.GetIsMonotonic() && isDelta(sum.GetAggregationTemporality()):
		for _, p := range sum.GetDataPoints() {
			deltas = append(deltas, Delta{Name: m.GetName(), Labels: labels(p.GetAttributes()), Value: number(p)})
			newest = max(newest, p.GetTimeUnixNano())
		}
	case histogram != nil && isDelta(histogram.GetAggregationTemporality()):
		for _, p := range histogram.GetDataPoints() {
			d := Delta{Name: m.GetName(), Labels: labels(p.GetAttributes()), Count: p.GetCount(), Sum: p.GetSum()}
			if slices.Equal(p.GetExplicitBounds(), telemetry.Bounds()) {
				d.Buckets = p.GetBucketCounts()
			}
			deltas = append(deltas, d)
			newest = max(newest, p.GetTimeUnixNano())
		}
	default:
		return nil, 0, fmt.Errorf("%.80q is no monotonic sum and no histogram of delta temporality", m.GetName())
	}
	return deltas, newest, nil
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
