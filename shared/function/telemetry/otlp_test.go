package telemetry_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// receiver sums deltas as a collector does, and drops batches that it knows. answer says
// how it treats a batch: take it, and with which status to answer; 0 hangs.
type receiver struct {
	mu      sync.Mutex
	answer  func() (take bool, status int)
	seen    map[string]bool
	again   int
	tries   int
	sums    map[string]float64
	spans   []*tracepb.Span
	metrics []*metricspb.Metric
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.tries++
	take, status := r.answer()
	if take {
		r.take(req.URL.Path, req.Header.Get("X-Batch-Id"), body)
	}
	r.mu.Unlock()
	if status == 0 {
		<-req.Context().Done()
		return
	}
	w.WriteHeader(status)
}

func (r *receiver) take(path, id string, body []byte) {
	if r.seen[id] {
		r.again++
		return
	}
	r.seen[id] = true
	if path == "/v1/traces" {
		var t tracepb.TracesData // the request's own fields
		must(proto.Unmarshal(body, &t))
		r.spans = append(r.spans, t.ResourceSpans[0].ScopeSpans[0].Spans...)
		r.sums["spans"] = float64(len(r.spans))
		return
	}
	var m metricspb.MetricsData
	must(proto.Unmarshal(body, &m))
	r.metrics = append(r.metrics, m.ResourceMetrics[0].ScopeMetrics[0].Metrics...)
	for _, one := range m.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, p := range one.GetSum().GetDataPoints() {
			r.sums[one.Name] += float64(p.GetAsInt()) + p.GetAsDouble()
		}
		for _, p := range one.GetHistogram().GetDataPoints() {
			r.sums[one.Name] += float64(p.Count)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (r *receiver) answers(take bool, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func() (bool, int) { return take, status }
}

func (r *receiver) sum(name string) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sums[name]
}

func (r *receiver) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tries
}

// clock that a test turns on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) later(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func receive(t *testing.T) (*receiver, *httptest.Server) {
	t.Helper()
	r := &receiver{seen: map[string]bool{}, sums: map[string]float64{}}
	r.answers(true, http.StatusOK)
	server := httptest.NewServer(r)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return r, server
}

func sender(t *testing.T, url string) (context.Context, *telemetry.Recorder, *clock) {
	t.Helper()
	c := &clock{now: realTime()()}
	r, err := telemetry.New(telemetry.Config{Mode: telemetry.OTLP, URL: url, Sample: 1, Now: c.Now})
	require.NoError(t, err)
	return telemetry.NewContext(t.Context(), r), r, c
}

func TestOTLPSaysWhatWasRecorded(t *testing.T) {
	t.Parallel()
	got, server := receive(t)
	ctx, r, c := sender(t, server.URL)
	telemetry.Add(ctx, metric.HTTPRequests, 3, "POST", "/invoices", "201")
	telemetry.Add(ctx, metric.InvoiceAmount, 1500050, "INV")
	telemetry.Observe(ctx, metric.AuditLag, 30*time.Millisecond)
	outer, end := r.Invocation(ctx, incoming(`{"Records":[{"messageId":"m","messageAttributes":{"traceparent":{"stringValue":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}]}`))
	_, inner := telemetry.Step(outer, "Log Audit")
	inner("failed")
	end(nil)
	arrives(ctx, t, r, c, func() bool { return got.sum(metric.HTTPRequests) == 3 && got.sum("spans") == 2 })
	require.InDelta(t, 15000.50, got.sum(metric.InvoiceAmount), 0)
	for _, m := range got.metrics {
		if s := m.GetSum(); s != nil {
			require.Equal(t, metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA, s.AggregationTemporality)
			require.True(t, s.IsMonotonic)
		}
		if h := m.GetHistogram(); h != nil {
			require.Equal(t, metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA, h.AggregationTemporality)
			require.Equal(t, metric.Bounds(), h.DataPoints[0].ExplicitBounds)
			require.Len(t, h.DataPoints[0].BucketCounts, len(metric.Bounds())+1)
		}
		if m.Name == metric.HTTPRequests {
			require.Len(t, m.GetSum().DataPoints[0].Attributes, 3, "the labels, and no process")
		}
	}
	require.Len(t, got.spans, 2)
	step, batch := got.spans[0], got.spans[1]
	require.Equal(t, batch.SpanId, step.ParentSpanId)
	require.Equal(t, batch.TraceId, step.TraceId)
	require.Equal(t, tracepb.Status_STATUS_CODE_ERROR, step.Status.Code)
	require.Equal(t, tracepb.Span_SPAN_KIND_SERVER, batch.Kind)
	require.Equal(t, "0af7651916cd43dd8448eb211c80319c", hexed(batch.Links[0].TraceId))
	require.Positive(t, batch.StartTimeUnixNano)
}

// TestAReceiverThatIsAwayCostsNothing: of a hundred invocations one may wait for it, the
// first; what they recorded arrives once it is back, each thing once.
func TestAReceiverThatIsAwayCostsNothing(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]struct {
		take   bool
		status int
	}{
		"refusing": {false, http.StatusServiceUnavailable}, "hanging": {false, 0},
		"taking, and its answers are lost": {true, 0}, "taking, and answering an error": {true, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, server := receive(t)
			got.answers(away.take, away.status)
			ctx, r, c := sender(t, server.URL)
			took := make([]time.Duration, 100)
			for i := range took {
				telemetry.Add(ctx, metric.SagaStarted, 1)
				began := realTime()()
				require.NoError(t, r.Flush(ctx))
				took[i] = time.Since(began)
			}
			slices.Sort(took)
			require.Less(t, took[94], 50*time.Millisecond, "p95, of which a busy machine takes its share")
			require.LessOrEqual(t, got.asked(), 1, "it is not tried again until its time has come")
			c.later(time.Minute)
			began := realTime()()
			require.NoError(t, r.Flush(ctx))
			require.Less(t, time.Since(began), time.Second, "nobody waits for the next try either")
			got.answers(true, http.StatusOK)
			arrives(ctx, t, r, c, func() bool { return got.sum(metric.SagaStarted) >= 100 })
			require.InDelta(t, 100, got.sum(metric.SagaStarted), 0, "each once")
			require.Equal(t, away.take, got.again > 0, "an id names what came twice")
		})
	}
}

// arrives has time go by until all that was kept is there.
func arrives(ctx context.Context, t *testing.T, r *telemetry.Recorder, c *clock, there func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		c.later(time.Second)
		return r.Flush(ctx) == nil && there()
	}, time.Minute, 10*time.Millisecond)
}

// TestAReceiverThatIsDown has nobody listening, and then somebody.
func TestAReceiverThatIsDown(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, r, c := sender(t, "http://"+at)
	for range 50 {
		telemetry.Add(ctx, metric.SagaStarted, 1)
		require.NoError(t, r.Flush(ctx))
	}
	got, _ := receive(t)
	l, err = lc.Listen(t.Context(), "tcp", at)
	require.NoError(t, err)
	up := &http.Server{Handler: got, ReadHeaderTimeout: time.Second}
	go func() { _ = up.Serve(l) }()
	t.Cleanup(func() { _ = up.Close() })
	arrives(ctx, t, r, c, func() bool { return got.sum(metric.SagaStarted) >= 50 })
	require.InDelta(t, 50, got.sum(metric.SagaStarted), 0, "each once")
}

// TestMemoryIsBounded: the oldest give way, and are owned up to.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	got, server := receive(t)
	got.answers(false, http.StatusServiceUnavailable)
	ctx, r, c := sender(t, server.URL)
	const sent, kept = 1000, 256
	lost := 0
	for range sent {
		telemetry.Add(ctx, metric.SagaStarted, 1)
		if err := r.Flush(ctx); err != nil {
			require.ErrorContains(t, err, "batches of telemetry are lost")
			lost++
		}
	}
	require.Equal(t, sent-kept, lost)
	got.answers(true, http.StatusOK)
	arrives(ctx, t, r, c, func() bool { return got.sum(metric.SagaStarted) >= kept })
}

// TestWhatIsRefusedForGoodIsDropped: no try would mend it.
func TestWhatIsRefusedForGoodIsDropped(t *testing.T) {
	t.Parallel()
	got, server := receive(t)
	got.answers(false, http.StatusBadRequest)
	ctx, r, c := sender(t, server.URL)
	telemetry.Add(ctx, metric.SagaStarted, 1)
	require.Eventually(t, func() bool { c.later(time.Second); return r.Flush(ctx) != nil }, time.Minute, 10*time.Millisecond, "and owned up to")
	got.answers(true, http.StatusOK)
	telemetry.Add(ctx, metric.SagaStarted, 1)
	arrives(ctx, t, r, c, func() bool { return got.sum(metric.SagaStarted) > 0 })
	require.InDelta(t, 1, got.sum(metric.SagaStarted), 0)
}
