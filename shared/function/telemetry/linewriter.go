package telemetry

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/invochain/invochain/shared/metric"
)

// maxWrite is the size in bytes that a pipe takes before its reader reads.
const maxWrite = 64 << 10

// lineWriter writes records to a stream, a JSON document a line. Metrics are batch lines
// or, for CloudWatch, documents in its embedded metric format.
type lineWriter struct {
	out       io.Writer
	instance  string
	deltas    bool   // metrics are batch lines
	namespace string // of metrics in CloudWatch
}

func newLineWriter(cfg Config) *lineWriter {
	return &lineWriter{cfg.Out, rand.Text(), cfg.Mode == Stdout, metric.Namespace(cfg.Cell)}
}

func (w *lineWriter) export(at time.Time, m *metricdata.ResourceMetrics, spans []sdktrace.ReadOnlySpan) error {
	all := w.metrics(at, seriesOf(m))
	for _, s := range spans {
		all = append(all, newSpanLine(s))
	}
	return w.write(all)
}

func (w *lineWriter) metrics(at time.Time, recorded []series) []any {
	var all []any
	if w.deltas {
		for part := range slices.Chunk(recorded, maxDeltas) {
			all = append(all, newBatchLine(at, part, w.instance))
		}
		return all
	}
	for _, d := range pack(w.namespace, recorded) {
		all = append(all, d.members(at))
	}
	return all
}

// write writes documents in as few calls as possible, because each call wakes the reader.
// A line is written in one call, so that concurrent writers do not split it.
func (w *lineWriter) write(documents []any) error {
	var errs []error
	var block []byte
	for _, d := range documents {
		line, err := json.Marshal(d)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(block)+len(line) >= maxWrite {
			errs = append(errs, w.writeBlock(block))
			block = nil
		}
		block = append(append(block, line...), '\n')
	}
	return errors.Join(append(errs, w.writeBlock(block))...)
}

func (w *lineWriter) writeBlock(block []byte) error {
	if len(block) == 0 {
		return nil
	}
	_, err := w.out.Write(block)
	return err
}
