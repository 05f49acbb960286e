package telemetry

import (
	"crypto/rand"
	"time"
)

// maxDeltas of one batch line keep it below 64 KB.
const maxDeltas = 150

// batchLine is a line for a receiver that adds up deltas. `batch` is a random id, by which
// the receiver recognises a line that it reads twice; `delta` is what was added since the
// previous line:
//
//	{"name":…,"labels":{…},"value":1}                          a counter
//	{"name":…,"labels":{…},"count":2,"sum":0.3,"buckets":[…]}  a histogram, see metric.Bounds
//
// `gauge` has the values of gauges, and `instance` the id of the process that set them.
type batchLine struct {
	Batch    string  `json:"batch"`
	At       int64   `json:"at"` // Unix milliseconds
	Delta    []delta `json:"delta"`
	Gauge    []delta `json:"gauge,omitempty"`
	Instance string  `json:"instance,omitempty"`
}

// delta is what a line adds to one series.
type delta struct {
	Name    string            `json:"name"`
	Labels  map[string]string `json:"labels"`
	Value   any               `json:"value,omitempty"` // of a counter or gauge
	Count   uint64            `json:"count,omitempty"`
	Sum     any               `json:"sum,omitempty"` // seconds
	Buckets []uint64          `json:"buckets,omitempty"`
}

func newBatchLine(at time.Time, recorded []series, instance string) batchLine {
	b := batchLine{Batch: rand.Text(), At: at.UnixMilli(), Delta: []delta{}}
	for _, s := range recorded {
		d := delta{Name: s.name, Labels: s.labels}
		switch {
		case s.count != nil:
			d.Value = s.number()
			b.Delta = append(b.Delta, d)
		case s.gauge != nil:
			d.Value = *s.gauge
			b.Gauge, b.Instance = append(b.Gauge, d), instance
		case s.histogram != nil:
			d.Count, d.Sum, d.Buckets = s.histogram.Count, s.histogram.Sum, s.histogram.BucketCounts
			b.Delta = append(b.Delta, d)
		}
	}
	return b
}
