package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// recording is a recorder of lines, under a context.
type recording struct {
	*telemetry.Recorder
	ctx context.Context
	out *writes
}

// writes keeps lines. A write must hold whole ones.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(b) > 64<<10 || b[len(b)-1] != '\n' {
		panic("a line is written in one call, of less than 64 KB")
	}
	w.all = append(w.all, slices.Collect(strings.Lines(string(b)))...)
	return len(b), nil
}

func realTime() func() time.Time { return time.Now } //nolint:forbidigo // lines are dated

func record(t *testing.T) recording {
	t.Helper()
	return recordAs(t, telemetry.Stdout, 1)
}

func recordAs(t *testing.T, mode string, share float64) recording {
	t.Helper()
	out := &writes{}
	r, err := telemetry.New(telemetry.Config{Mode: mode, Out: out, Sample: share, Now: realTime()})
	require.NoError(t, err)
	return recording{r, telemetry.NewContext(t.Context(), r), out}
}

// delta as the contract of a line has it.
type delta struct {
	Name    string
	Labels  map[string]string
	Value   json.Number
	Count   uint64
	Sum     float64
	Buckets []uint64
}

// flush reads the lines of metrics.
func (r recording) flush(t *testing.T) []delta {
	t.Helper()
	r.out.all = nil
	require.NoError(t, r.Flush(t.Context()))
	return r.read(t)
}

func (r recording) read(t *testing.T) []delta {
	t.Helper()
	var all []delta
	batches := map[string]bool{}
	for _, text := range r.out.all {
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
		require.False(t, batches[line.Batch], "a batch's id is its own")
		batches[line.Batch] = true
		all = append(all, line.Delta...)
	}
	return all
}

func TestLinesSayWhatWasRecorded(t *testing.T) {
	t.Parallel()
	r := record(t)
	for range 3 {
		telemetry.Add(r.ctx, metric.HTTPRequests, 1, "POST", "/invoices", "201")
	}
	telemetry.Add(r.ctx, metric.SagaStarted, 2)
	telemetry.Observe(r.ctx, metric.HTTPDuration, 30*time.Millisecond, "POST", "/invoices")
	telemetry.Observe(r.ctx, metric.HTTPDuration, 40*time.Second, "POST", "/invoices")
	telemetry.Observe(r.ctx, metric.AuditLag, -time.Second)
	got := map[string]delta{}
	for _, d := range r.flush(t) {
		got[d.Name] = d
	}
	require.Len(t, got, 4)
	require.Equal(t, delta{Name: metric.HTTPRequests, Labels: map[string]string{"method": "POST", "route": "/invoices", "status": "201"}, Value: "3"}, got[metric.HTTPRequests])
	require.Equal(t, delta{Name: metric.SagaStarted, Labels: map[string]string{}, Value: "2"}, got[metric.SagaStarted])
	d := got[metric.HTTPDuration]
	require.InDelta(t, 40.03, d.Sum, 1e-9)
	require.EqualValues(t, 2, d.Count)
	require.Len(t, d.Buckets, len(metric.Bounds())+1)
	require.EqualValues(t, 1, d.Buckets[3], "over 25 ms, up to 50 ms")
	require.EqualValues(t, 1, d.Buckets[len(d.Buckets)-1], "over the last bound")
	require.InDelta(t, 0, got[metric.AuditLag].Sum, 0, "clocks may disagree")
	require.Empty(t, r.flush(t), "each is told once")
	telemetry.Observe(r.ctx, metric.AuditLag, time.Second)
	require.EqualValues(t, 1, r.flush(t)[0].Count, "and not added to what was told")
}

// TestRupeesAreExact adds up paise that no float of rupees could.
func TestRupeesAreExact(t *testing.T) {
	t.Parallel()
	r := record(t)
	for range 3 {
		telemetry.Add(r.ctx, metric.InvoiceAmount, 10, "INV")
	}
	telemetry.Add(r.ctx, metric.InvoiceAmount, 9_007_199_254_740_993_01, "CRN")
	telemetry.Add(r.ctx, metric.InvoiceAmount, 7, "DBN")
	sums := map[string]json.Number{}
	for _, d := range r.flush(t) {
		sums[d.Labels["document"]] = d.Value
	}
	require.Equal(t, map[string]json.Number{"INV": "0.30", "CRN": "9007199254740993.01", "DBN": "0.07"}, sums)
}

// TestCardinalityIsBounded offers a million routes, keys and other strangers.
func TestCardinalityIsBounded(t *testing.T) {
	t.Parallel()
	r := record(t)
	const offered = 1_000_000
	for i := range offered {
		path := fmt.Sprintf("/invoices/%x", rand.Uint64())
		switch i % 4 {
		case 0:
			telemetry.Add(r.ctx, metric.HTTPRequests, 1, path[10:], path, path)
		case 1:
			telemetry.Add(r.ctx, metric.IdempotencyRequests, 1, path)
		case 2:
			telemetry.Add(r.ctx, metric.DynamoDBRequests, 1, path, path)
		case 3:
			telemetry.Add(r.ctx, metric.InvoiceAmount, 1, path)
		}
	}
	got := r.flush(t)
	require.Len(t, got, 4, "one series each")
	for _, d := range got {
		if d.Name == metric.HTTPRequests {
			require.Equal(t, map[string]string{"method": "OTHER", "route": "unmatched", "status": "other"}, d.Labels)
			require.Equal(t, json.Number(strconv.Itoa(offered/4)), d.Value, "and none is lost")
		}
	}
}

// TestEveryMetricCanBeRecorded records each of the catalogue under every value that its
// labels may take: all leave, under those very values, and as CloudWatch takes them.
func TestEveryMetricCanBeRecorded(t *testing.T) {
	t.Parallel()
	r, cloudWatch := record(t), recordAs(t, telemetry.EMF, 1)
	for _, m := range metric.Catalogue() {
		var values []string
		for _, label := range m.Labels {
			allowed := metric.Values(m.Name, label)
			require.NotEmpty(t, allowed, "%s{%s}", m.Name, label)
			values = append(values, allowed[len(allowed)-1])
		}
		for _, ctx := range []context.Context{r.ctx, cloudWatch.ctx} {
			telemetry.Add(ctx, m.Name, 1, values...)
			telemetry.Observe(ctx, m.Name, time.Second, values...)
			telemetry.Set(ctx, m.Name, 1, values...)
		}
		if m.Kind == metric.Gauge {
			continue
		}
		got := r.flush(t)
		require.Len(t, got, 1, m.Name)
		require.Equal(t, m.Name, got[0].Name)
		for i, label := range m.Labels {
			require.Equal(t, values[i], got[0].Labels[label], m.Name)
		}
	}
	require.NoError(t, cloudWatch.Flush(t.Context()))
	require.NotEmpty(t, cloudWatch.out.all)
	for _, text := range cloudWatch.out.all {
		checkEMF(t, []byte(text))
	}
}

// TestAGaugeIsSaidByItsInstance: what only one process knows is not added up.
func TestAGaugeIsSaidByItsInstance(t *testing.T) {
	t.Parallel()
	r := record(t)
	telemetry.Set(r.ctx, metric.DynamoDBConnections, 4)
	require.Empty(t, r.flush(t))
	var line struct {
		Gauge    []delta
		Instance string
	}
	require.Len(t, r.out.all, 1)
	require.NoError(t, json.Unmarshal([]byte(r.out.all[0]), &line))
	require.Equal(t, []delta{{Name: metric.DynamoDBConnections, Labels: map[string]string{}, Value: "4"}}, line.Gauge)
	require.NotEmpty(t, line.Instance)
}

// TestRoutesAreTheAPIs: a route that the catalogue does not have would be counted as
// unmatched.
func TestRoutesAreTheAPIs(t *testing.T) {
	t.Parallel()
	var api struct{ Paths map[string]any }
	require.NoError(t, json.Unmarshal(events.OpenAPI(), &api))
	require.NotEmpty(t, api.Paths)
	for path := range api.Paths {
		require.Contains(t, metric.Values(metric.HTTPRequests, "route"), path)
	}
}

// TestLongRunsWriteInBetween: a line holds at most 100 values a metric, and none is lost.
func TestLongRunsWriteInBetween(t *testing.T) {
	t.Parallel()
	r := record(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				telemetry.Observe(r.ctx, metric.DynamoDBDuration, time.Duration(i)*time.Millisecond, "PutItem")
			}
		})
	}
	wg.Wait()
	require.NoError(t, r.Flush(t.Context()))
	require.Greater(t, len(r.out.all), 10)
	count := uint64(0)
	for _, d := range r.read(t) {
		count += d.Count
	}
	require.EqualValues(t, 4000, count)
}

func TestNothingIsRecordedWithoutARecorder(t *testing.T) {
	t.Parallel()
	var off *telemetry.Recorder
	for _, ctx := range []context.Context{t.Context(), telemetry.NewContext(t.Context(), off)} {
		telemetry.Add(ctx, metric.SagaStarted, 1)
		ctx, end := telemetry.Step(ctx, "Create Invoice")
		end("ok")
		telemetry.Observe(ctx, metric.AuditLag, time.Second)
	}
	require.NoError(t, off.Flush(t.Context()))
}

func ExampleRecorder() {
	var out bytes.Buffer
	r, _ := telemetry.New(telemetry.Config{Mode: telemetry.Stdout, Out: &out, Sample: 1, Now: realTime()})
	ctx := telemetry.NewContext(context.Background(), r)
	telemetry.Add(ctx, metric.InvoiceAmount, 1500050, "INV")
	_ = r.Flush(ctx)
	var line struct{ Delta []json.RawMessage }
	_ = json.Unmarshal(out.Bytes(), &line)
	fmt.Println(string(line.Delta[0]))
	// Output: {"name":"invoice_amount_total","labels":{"document":"INV"},"value":15000.50}
}
