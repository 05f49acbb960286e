package telemetry

import (
	"crypto/rand"
	"time"
)

// batchLine is a line for a receiver that adds up: `batch`, a random id by which a line
// that is read twice is known, and `delta`, what was added since the line before:
//
//	{"name":…,"labels":{…},"value":1}                          a counter
//	{"name":…,"labels":{…},"count":2,"sum":0.3,"buckets":[…]}  a histogram, see Bounds
//
// A gauge stands under `gauge` with its value, beside the `instance` that says so.
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
	Sum     any               `json:"sum,omitempty"`
	Buckets []uint64          `json:"buckets,omitempty"`
}

func newBatchLine(at time.Time, recorded []series, instance string) batchLine {
	b := batchLine{Batch: rand.Text(), At: at.UnixMilli(), Delta: []delta{}}
	for _, s := range recorded {
		one := delta{Name: s.name, Labels: s.labels}
		switch {
		case s.count != nil:
			one.Value = s.text()
			b.Delta = append(b.Delta, one)
		case s.gauge != nil:
			one.Value = *s.gauge
			b.Gauge, b.Instance = append(b.Gauge, one), instance
		case s.times != nil:
			one.Count, one.Sum, one.Buckets = s.times.Count, s.times.Sum, s.times.BucketCounts
			b.Delta = append(b.Delta, one)
		}
	}
	return b
}
