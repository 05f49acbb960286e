package collector

import (
	"bytes"
	"encoding/json"
)

// batch is what one process recorded since its last line. Gauges holds the values of
// gauges of the instance.
type batch struct {
	ID       string  `json:"batch"` // unique
	At       int64   `json:"at"`    // when it was written, Unix milliseconds
	Deltas   []delta `json:"delta"`
	Instance string  `json:"instance"`
	Gauges   []delta `json:"gauge"`
}

// delta is what a batch adds to one series: Value to a counter, the others to a histogram.
// Buckets are counts, not cumulative: one for each of metric.Bounds and one for the
// durations above the last bound.
type delta struct {
	Name    string            `json:"name"`
	Labels  map[string]string `json:"labels"`
	Value   float64           `json:"value"`
	Count   uint64            `json:"count"`
	Sum     float64           `json:"sum"` // seconds
	Buckets []uint64          `json:"buckets"`
}

// maxID bounds the length of an id in bytes.
const maxID = 128

// marker occurs in every line with a batch, and in few others.
const marker = `"batch":`

// parseBatch reads a batch from a line of a log. It skips what precedes the JSON object,
// such as the name of the function, and unknown members of the object. It returns nil for
// a line without a complete batch.
func parseBatch(line []byte) *batch {
	start := bytes.IndexByte(line, '{')
	if start < 0 || !bytes.Contains(line, []byte(marker)) {
		return nil
	}
	var b batch
	if json.Unmarshal(line[start:], &b) != nil || b.ID == "" || len(b.ID) > maxID || len(b.Instance) > maxID {
		return nil
	}
	return &b
}
