package collector

import (
	"bytes"
	"encoding/json"
)

// Delta is what one process adds to one series: Value to a counter, the others to a
// histogram. Buckets are counts, not cumulative, one for each of telemetry.Bounds
// and one for what lies above the last.
type Delta struct {
	Name    string            `json:"name"`
	Labels  map[string]string `json:"labels,omitempty"`
	Value   float64           `json:"value,omitempty"`
	Count   uint64            `json:"count,omitempty"`
	Sum     float64           `json:"sum,omitempty"` // seconds
	Buckets []uint64          `json:"buckets,omitempty"`
}

// Batch is what one process says at once, under an id that no other batch has. Said
// are the Values of gauges of the instance that says so.
type Batch struct {
	ID       string  `json:"batch"`
	At       int64   `json:"at"` // when it was recorded, Unix milliseconds
	Deltas   []Delta `json:"delta"`
	Instance string  `json:"instance,omitempty"`
	Said     []Delta `json:"gauge,omitempty"`
}

// maxID is more than any id's length in bytes.
const maxID = 128

// mark is in every line that holds a batch, and in few others.
const mark = `"batch":`

// fromLine reads a batch from a line of a log. What stands before the JSON object,
// such as the name of who wrote it, is skipped, and so are the object's other members.
// A line that is no batch, or half of one, is none: nil.
func fromLine(line []byte) *Batch {
	at := bytes.IndexByte(line, '{')
	if at < 0 || !bytes.Contains(line, []byte(mark)) {
		return nil
	}
	var b Batch
	if json.Unmarshal(line[at:], &b) != nil || b.ID == "" || len(b.ID) > maxID || len(b.Instance) > maxID {
		return nil
	}
	return &b
}

// line is the batch as fromLine reads it.
func (b Batch) line() ([]byte, error) {
	text, err := json.Marshal(b)
	return append(text, '\n'), err
}
