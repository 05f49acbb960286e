package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Bounds of a document in CloudWatch's embedded metric format: 100 values a metric and
// 100 metrics a directive. Fewer metrics, and so many deltas, keep a line under 64 KB.
const (
	maxValues  = 100
	maxMetrics = 30
	maxDeltas  = 150
	maxWrite   = 64 << 10 // bytes: what a pipe takes without its reader
)

const (
	rupees    = "INR" // the unit of what is counted in paise
	paise     = 100
	namespace = "InvoChain"
)

// lines writes what was recorded to a stream, a JSON document a line: for a receiver of
// ours one that says what was added since the line before, and for CloudWatch documents
// of its embedded metric format (Amazon CloudWatch User Guide, "Specification: Embedded
// metric format"), of which it takes several to say the same.
type lines struct {
	out      io.Writer
	instance string
	summed   bool // by a receiver of ours
}

func newLines(out io.Writer, summed bool) *lines { return &lines{out, rand.Text(), summed} }

func (l *lines) eager() bool { return true }

func (l *lines) export(_ context.Context, at time.Time, m *metricdata.ResourceMetrics, spans []sdktrace.ReadOnlySpan) error {
	all := l.metrics(at, seriesOf(m))
	for _, s := range spans {
		all = append(all, spanLine(s))
	}
	return l.write(all)
}

func (l *lines) metrics(at time.Time, recorded []series) []any {
	var all []any
	if l.summed {
		for part := range slices.Chunk(recorded, maxDeltas) {
			all = append(all, newBatchLine(at, part, l.instance))
		}
		return all
	}
	for _, d := range pack(recorded) {
		all = append(all, d.members(at))
	}
	return all
}

// write writes lines in as few calls as can be: whoever reads is woken by each. A line is
// written in one call, so that no other gets into it.
func (l *lines) write(all []any) error {
	var errs []error
	var block []byte
	for _, v := range all {
		line, err := json.Marshal(v)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if len(block)+len(line) >= maxWrite {
			errs = append(errs, l.send(block))
			block = nil
		}
		block = append(append(block, line...), '\n')
	}
	return errors.Join(append(errs, l.send(block))...)
}

func (l *lines) send(block []byte) error {
	if len(block) == 0 {
		return nil
	}
	_, err := l.out.Write(block)
	return err
}

// document is a line to be: series that do not contradict each other, since a
// label's value is a member of the document, and so is a metric's.
type document struct {
	labels map[string]string
	series []series
}

// pack puts each series into the first document that can take it.
func pack(all []series) []*document {
	var docs []*document
	for _, s := range all {
		i := slices.IndexFunc(docs, func(d *document) bool { return d.takes(s) })
		if i < 0 {
			i = len(docs)
			docs = append(docs, &document{labels: map[string]string{}})
		}
		maps.Copy(docs[i].labels, s.labels)
		docs[i].series = append(docs[i].series, s)
	}
	return docs
}

func (d *document) takes(s series) bool {
	for k, v := range s.labels {
		if has, there := d.labels[k]; there && has != v {
			return false
		}
	}
	named := func(o series) bool { return o.name == s.name }
	return len(d.series) < maxMetrics && !slices.ContainsFunc(d.series, named)
}
