package telemetry

import (
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/protobuf/encoding/protowire"
)

// deltaTemporality of sums and histograms: each batch adds.
const deltaTemporality = 1

// metricsRequest is nil when there is nothing to send.
func metricsRequest(m *metricdata.ResourceMetrics) []byte {
	var items [][]byte
	for _, s := range m.ScopeMetrics {
		for _, one := range s.Metrics {
			if item := metricMessage(one); item != nil {
				items = append(items, item)
			}
		}
	}
	if len(items) == 0 {
		return nil
	}
	return request(2, items)
}

func metricMessage(m metricdata.Metrics) message {
	head := message{}.text(1, m.Name).text(3, m.Unit)
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		sum := message{}.number(2, deltaTemporality).number(3, 1) // monotonic
		for _, p := range data.DataPoints {
			sum = sum.bytes(1, countPoint(p, m.Unit))
		}
		return head.bytes(7, sum)
	case metricdata.Histogram[float64]:
		histogram := message{}.number(2, deltaTemporality)
		for _, p := range data.DataPoints {
			histogram = histogram.bytes(1, timesPoint(p))
		}
		return head.bytes(9, histogram)
	default:
		return nil
	}
}

// countPoint has paise become rupees, which OTLP can only say as a double: exact to the
// paisa up to 2^53 of them.
func countPoint(p metricdata.DataPoint[int64], unit string) message {
	m := message{}.at(2, p.StartTime).at(3, p.Time).attributes(7, p.Attributes.ToSlice())
	if unit == rupees {
		return m.double(4, float64(p.Value)/paise)
	}
	return m.fixed(6, uint64(p.Value)) //nolint:gosec // sfixed64 has the same bits
}

func timesPoint(p metricdata.HistogramDataPoint[float64]) message {
	m := message{}.at(2, p.StartTime).at(3, p.Time).attributes(9, p.Attributes.ToSlice()).fixed(4, p.Count).double(5, p.Sum)
	var counts, bounds []byte
	for _, n := range p.BucketCounts {
		counts = protowire.AppendFixed64(counts, n)
	}
	for _, b := range p.Bounds {
		bounds = append(bounds, message{}.double(1, b)[1:]...) // packed: without tags
	}
	return m.bytes(6, counts).bytes(7, bounds)
}
