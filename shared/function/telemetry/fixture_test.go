package telemetry_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

func realTime() func() time.Time { return time.Now } //nolint:forbidigo // lines are dated

// fixture is a recorder that writes lines, and a context that holds it.
type fixture struct {
	*telemetry.Recorder

	ctx context.Context
	out *writer
}

func setup(t *testing.T) fixture {
	t.Helper()
	return setupMode(t, telemetry.Stdout, 1)
}

func setupMode(t *testing.T, mode string, sample float64) fixture {
	t.Helper()
	out := &writer{}
	r, err := telemetry.New(telemetry.Config{
		Mode: mode, Out: out, Catalogue: metric.Catalogue(), Sample: sample, Now: realTime(),
	})
	require.NoError(t, err)
	return fixture{r, telemetry.NewContext(t.Context(), r), out}
}

// writer keeps lines. Each write must hold whole ones.
type writer struct {
	mu      sync.Mutex
	written []string
	fails   error
}

func (w *writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(b) > 64<<10 || b[len(b)-1] != '\n' {
		panic("a line is written in one call, of less than 64 KB")
	}
	if w.fails != nil {
		return 0, w.fails
	}
	w.written = append(w.written, slices.Collect(strings.Lines(string(b)))...)
	return len(b), nil
}

// lines returns what was written since the last clear.
func (w *writer) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.written)
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fails = err
}

func (w *writer) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = nil
}

// delta is a receiver's view of a delta.
type delta struct {
	Name    string
	Labels  map[string]string
	Value   json.Number
	Count   uint64
	Sum     float64
	Buckets []uint64
}

// flush returns the deltas of a flush.
func (f fixture) flush(t *testing.T) []delta {
	t.Helper()
	f.out.clear()
	require.NoError(t, f.Flush(t.Context()))
	return f.deltas(t)
}

// deltas returns the deltas of all lines, and checks that each batch has its own id.
func (f fixture) deltas(t *testing.T) []delta {
	t.Helper()
	var all []delta
	batches := map[string]bool{}
	for _, text := range f.out.lines() {
		var line struct {
			Batch string
			At    int64
			Delta []delta
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		require.NoError(t, d.Decode(&line))
		require.NotEmpty(t, line.Batch)
		require.WithinDuration(t, realTime()(), time.UnixMilli(line.At), time.Minute, "milliseconds")
		require.False(t, batches[line.Batch], "the id of a batch is unique")
		batches[line.Batch] = true
		all = append(all, line.Delta...)
	}
	return all
}

// span is a span of a line.
type span struct {
	Span, Kind, Parent, Status string
	TraceID                    string `json:"trace_id"`
	SpanID                     string `json:"span_id"`
	Links                      []struct {
		TraceID string `json:"trace_id"`
		SpanID  string `json:"span_id"`
	}
	Start, End time.Time
	Attributes map[string]string
}

// spans returns the spans of a flush by name.
func (f fixture) spans(t *testing.T) map[string]span {
	t.Helper()
	f.out.clear()
	require.NoError(t, f.Flush(t.Context()))
	all := map[string]span{}
	for _, text := range f.out.lines() {
		var s span
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		if s.Span != "" {
			all[s.Span] = s
		}
	}
	return all
}

// incoming decodes an event. A malformed one belongs to no trace.
func incoming(payload string) telemetry.Incoming {
	var in telemetry.Incoming
	if json.Unmarshal([]byte(payload), &in) != nil {
		return telemetry.Incoming{}
	}
	return in
}

func hexed(b []byte) string { return hex.EncodeToString(b) }
