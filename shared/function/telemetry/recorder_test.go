package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

func TestLinesHaveWhatWasRecorded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 3 {
		telemetry.Add(f.ctx, metric.HTTPRequests, 1, "POST", "/invoices", "201", "")
	}
	telemetry.Add(f.ctx, metric.SagaStarted, 2)
	telemetry.Observe(f.ctx, metric.HTTPDuration, 30*time.Millisecond, "POST", "/invoices")
	telemetry.Observe(f.ctx, metric.HTTPDuration, 40*time.Second, "POST", "/invoices")
	telemetry.Observe(f.ctx, metric.AuditLag, -time.Second)
	got := map[string]delta{}
	for _, d := range f.flush(t) {
		got[d.Name] = d
	}
	require.Len(t, got, 4)
	require.Equal(t, delta{
		Name: metric.HTTPRequests, Value: "3",
		Labels: map[string]string{"method": "POST", "route": "/invoices", "status": "201"},
	}, got[metric.HTTPRequests])
	require.Equal(t, delta{Name: metric.SagaStarted, Labels: map[string]string{}, Value: "2"}, got[metric.SagaStarted])
	d := got[metric.HTTPDuration]
	require.InDelta(t, 40.03, d.Sum, 1e-9)
	require.EqualValues(t, 2, d.Count)
	require.Len(t, d.Buckets, len(metric.Bounds())+1)
	require.EqualValues(t, 1, d.Buckets[3], "above 25 ms, up to 50 ms")
	require.EqualValues(t, 1, d.Buckets[len(d.Buckets)-1], "above the last bound")
	require.InDelta(t, 0, got[metric.AuditLag].Sum, 0, "a negative duration counts as zero")
	require.Empty(t, f.flush(t), "a delta is written once")
	telemetry.Observe(f.ctx, metric.AuditLag, time.Second)
	require.EqualValues(t, 1, f.flush(t)[0].Count, "deltas do not accumulate")
}

// TestRupeesAreExact adds amounts that a float64 in rupees cannot represent.
func TestRupeesAreExact(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 3 {
		telemetry.Add(f.ctx, metric.InvoiceAmount, 10, "INV")
	}
	telemetry.Add(f.ctx, metric.InvoiceAmount, 9_007_199_254_740_993_01, "CRN")
	telemetry.Add(f.ctx, metric.InvoiceAmount, 7, "DBN")
	sums := map[string]json.Number{}
	for _, d := range f.flush(t) {
		sums[d.Labels["document"]] = d.Value
	}
	require.Equal(t, map[string]json.Number{"INV": "0.30", "CRN": "9007199254740993.01", "DBN": "0.07"}, sums)
}

// TestCardinalityIsBounded records a million different label values.
func TestCardinalityIsBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	const offered = 1_000_000
	for i := range offered {
		path := fmt.Sprintf("/invoices/%x", rand.Uint64())
		switch i % 4 {
		case 0:
			telemetry.Add(f.ctx, metric.HTTPRequests, 1, path[10:], path, path, path)
		case 1:
			telemetry.Add(f.ctx, metric.IdempotencyRequests, 1, path)
		case 2:
			telemetry.Add(f.ctx, metric.DynamoDBRequests, 1, path, path)
		case 3:
			telemetry.Add(f.ctx, metric.InvoiceAmount, 1, path)
		}
	}
	got := f.flush(t)
	require.Len(t, got, 4, "one series a metric")
	for _, d := range got {
		if d.Name == metric.HTTPRequests {
			require.Equal(t, map[string]string{
				"method": "OTHER", "route": "unmatched", "status": "other", "code": "other",
			}, d.Labels)
			require.Equal(t, json.Number(strconv.Itoa(offered/4)), d.Value, "no request is lost")
		}
	}
}

// TestEveryMetricCanBeRecorded records each metric of the catalogue under allowed label
// values, and finds it under those values in the lines and in EMF.
func TestEveryMetricCanBeRecorded(t *testing.T) {
	t.Parallel()
	f, cloudWatch := setup(t), setupMode(t, telemetry.EMF, 1)
	for _, m := range metric.Catalogue() {
		var values []string
		for _, label := range m.Labels {
			if label == metric.ReleaseLabel {
				continue // of the recorder, not of the caller
			}
			allowed := metric.Values(m.Name, label)
			require.NotEmpty(t, allowed, "%s{%s}", m.Name, label)
			values = append(values, allowed[len(allowed)-1])
		}
		for _, ctx := range []context.Context{f.ctx, cloudWatch.ctx} {
			telemetry.Add(ctx, m.Name, 1, values...)
			telemetry.Observe(ctx, m.Name, time.Second, values...)
			telemetry.Set(ctx, m.Name, 1, values...)
		}
		if m.Kind == metric.Gauge {
			continue
		}
		got := f.flush(t)
		require.Len(t, got, 1, m.Name)
		require.Equal(t, m.Name, got[0].Name)
		for i, value := range values {
			require.Equal(t, value, got[0].Labels[m.Labels[i]], m.Name)
		}
	}
	require.NoError(t, cloudWatch.Flush(t.Context()))
	require.NotEmpty(t, cloudWatch.out.lines())
	for _, text := range cloudWatch.out.lines() {
		requireEMF(t, []byte(text))
	}
}

// TestAGaugeNamesItsInstance: a receiver must not add up the values of one instance.
func TestAGaugeNamesItsInstance(t *testing.T) {
	t.Parallel()
	f := setup(t)
	telemetry.Set(f.ctx, metric.DynamoDBConnections, 4)
	require.Empty(t, f.flush(t))
	var line struct {
		Gauge    []delta
		Instance string
	}
	require.Len(t, f.out.lines(), 1)
	require.NoError(t, json.Unmarshal([]byte(f.out.lines()[0]), &line))
	require.Equal(t, []delta{{Name: metric.DynamoDBConnections, Labels: map[string]string{}, Value: "4"}}, line.Gauge)
	require.NotEmpty(t, line.Instance)
}

// TestLongRunsFlushEarly: a flush holds at most 100 durations, and none is lost.
func TestLongRunsFlushEarly(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				telemetry.Observe(f.ctx, metric.DynamoDBDuration, time.Duration(i)*time.Millisecond, "PutItem")
			}
		})
	}
	wg.Wait()
	require.NoError(t, f.Flush(t.Context()))
	require.Greater(t, len(f.out.lines()), 10)
	count := uint64(0)
	for _, d := range f.deltas(t) {
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
	r, _ := telemetry.New(telemetry.Config{
		Mode: telemetry.Stdout, Out: &out, Catalogue: metric.Catalogue(), Sample: 1, Now: realTime(),
	})
	ctx := telemetry.NewContext(context.Background(), r)
	telemetry.Add(ctx, metric.InvoiceAmount, 1500050, "INV")
	_ = r.Flush(ctx)
	var line struct{ Delta []json.RawMessage }
	_ = json.Unmarshal(out.Bytes(), &line)
	fmt.Println(string(line.Delta[0]))
	// Output: {"name":"invoice_amount_total","labels":{"document":"INV"},"value":15000.50}
}
