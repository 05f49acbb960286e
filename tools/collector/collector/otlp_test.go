package collector_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tools/collector/collector"
)

const (
	delta      = metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA
	cumulative = metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
)

func attributes(name, value string) []*common.KeyValue {
	return []*common.KeyValue{{Key: name, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}}
}

func counter(name string, how metrics.AggregationTemporality, at time.Time) *metrics.Metric {
	point := &metrics.NumberDataPoint{
		TimeUnixNano: uint64(at.UnixNano()), Value: &metrics.NumberDataPoint_AsInt{AsInt: 1}, Attributes: attributes("outcome", "won"),
	}
	return &metrics.Metric{Name: name, Data: &metrics.Metric_Sum{Sum: &metrics.Sum{
		IsMonotonic: true, AggregationTemporality: how, DataPoints: []*metrics.NumberDataPoint{point},
	}}}
}

func histogram(how metrics.AggregationTemporality, bounds []float64) *metrics.Metric {
	counts, sum := make([]uint64, len(bounds)+1), 0.25
	counts[len(bounds)/2] = 1
	return &metrics.Metric{Name: metric.AuditLag, Data: &metrics.Metric_Histogram{Histogram: &metrics.Histogram{
		AggregationTemporality: how,
		DataPoints:             []*metrics.HistogramDataPoint{{Count: 1, Sum: &sum, ExplicitBounds: bounds, BucketCounts: counts}},
	}}}
}

func request(t *testing.T, list ...*metrics.Metric) []byte {
	t.Helper()
	body, err := proto.Marshal(&metrics.MetricsData{ResourceMetrics: []*metrics.ResourceMetrics{
		{ScopeMetrics: []*metrics.ScopeMetrics{{Metrics: list}}},
	}})
	require.NoError(t, err)
	return body
}

func post(t *testing.T, url string, body []byte, header ...string) (status int, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/metrics", bytes.NewReader(body))
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, errors.Join(err, resp.Body.Close())
}

func TestTracesAreNotRefused(t *testing.T) {
	b := setUp(t, nil)
	resp, err := http.Post(b.url+"/v1/traces", "application/x-protobuf", strings.NewReader("spans")) //nolint:noctx // a test's own server
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func (b *bed) post(t *testing.T, want int, body []byte, header ...string) {
	t.Helper()
	status, err := post(t, b.url, body, header...)
	require.NoError(t, err)
	require.Equal(t, want, status)
}

const won = `idempotency_requests_total{outcome="won"}`

func TestOTLP(t *testing.T) {
	b := setUp(t, nil)
	body := request(t, counter(metric.IdempotencyRequests, delta, b.now), histogram(delta, metric.Bounds()))
	b.post(t, 200, body, collector.BatchID, "1")
	b.post(t, 200, body, collector.BatchID, "1")
	b.post(t, 200, body, collector.BatchID, "2", "Content-Encoding", "identity")
	b.has(t, won+" 2", "audit_lag_seconds_sum 0.5", "audit_lag_seconds_count 2")
	b.post(t, 200, body)
	b.post(t, 200, body) // without an id the body is its own
	b.has(t, won+" 3")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(body)
	require.NoError(t, errors.Join(err, z.Close()))
	b.post(t, 200, packed.Bytes(), collector.BatchID, "3", "Content-Encoding", "gzip")
	b.has(t, won+" 4", "audit_lag_seconds_sum 1")
	b.restart(t)
	b.has(t, won+" 4", "audit_lag_seconds_sum 1")
	b.post(t, 200, body, collector.BatchID, "1")
	b.has(t, won+" 4")
}

func TestOTLPRefusals(t *testing.T) {
	b := setUp(t, nil)
	good := counter(metric.IdempotencyRequests, delta, b.now)
	down := counter(metric.IdempotencyRequests, delta, b.now)
	down.GetSum().IsMonotonic = false
	nan := counter(metric.SagaStarted, delta, b.now)
	nan.GetSum().DataPoints[0].Value = &metrics.NumberDataPoint_AsDouble{AsDouble: math.NaN()}
	for name, body := range map[string][]byte{
		"a cumulative sum beside a good one":       request(t, good, counter(metric.SagaStarted, cumulative, b.now)),
		"a sum of no temporality":                  request(t, counter(metric.SagaStarted, 0, b.now)),
		"a cumulative histogram beside a good one": request(t, good, histogram(cumulative, metric.Bounds())),
		"a sum that may go down":                   request(t, down),
		"a summary":                                request(t, good, &metrics.Metric{Name: metric.SagaStuck, Data: &metrics.Metric_Summary{Summary: &metrics.Summary{}}}),
		"no number":                                request(t, nan),
		"no protobuf":                              []byte("hello"),
		"more than 4 MB":                           bytes.Repeat([]byte{0}, 5<<20),
	} {
		t.Run(name, func(t *testing.T) { b.post(t, 400, body, collector.BatchID, name) })
	}
	b.post(t, 400, request(t, good), collector.BatchID, strings.Repeat("i", 200))
	b.post(t, 400, request(t, good), collector.BatchID, "x", "Content-Encoding", "gzip")
	text := b.metrics(t)
	require.NotContains(t, text, won)
	require.Contains(t, text, `collector_batches_total{outcome="refused"} 10`)

	b.post(t, 200, request(t, good, histogram(delta, []float64{1, 2})), collector.BatchID, "other bounds")
	b.has(t, won+" 1", "audit_lag_seconds_count 0", `collector_deltas_refused_total{reason="malformed"} 1`)
	info, err := os.Stat(b.cfg.Journal)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(1000), "what was refused was not kept")
}

// TestABombIsNotUnpacked: 4 MB of gzip may hold 4 GB.
func TestABombIsNotUnpacked(t *testing.T) {
	b := setUp(t, nil)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(make([]byte, 17<<20))
	require.NoError(t, errors.Join(err, z.Close()))
	b.post(t, 400, packed.Bytes(), "Content-Encoding", "gzip")
}

// TestLostAnswers: of 200 batches from ten senders every third answer is lost, and its
// batch sent again until it is answered; the collector ends in the middle and another
// takes its files.
func TestLostAnswers(t *testing.T) {
	b := setUp(t, nil)
	var current atomic.Pointer[http.Handler]
	use := func() { h := b.Handler(); current.Store(&h) }
	use()
	var n atomic.Int64
	lossy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		(*current.Load()).ServeHTTP(rec, r)
		if n.Add(1)%3 == 0 {
			panic(http.ErrAbortHandler) // it was added; nobody hears of it
		}
		w.WriteHeader(rec.Code)
	}))
	t.Cleanup(lossy.Close)
	body := request(t, counter(metric.IdempotencyRequests, delta, b.now))
	send := func(id string) {
		for range 20 {
			if status, err := post(t, lossy.URL, body, collector.BatchID, id); err == nil && status == http.StatusOK {
				return
			}
		}
		t.Errorf("batch %s was never answered", id)
	}
	for i, half := range []string{"first", "second"} {
		var senders sync.WaitGroup
		for s := range 10 {
			senders.Go(func() {
				for i := range 10 {
					send(half + string(rune('a'+s)) + string(rune('a'+i)))
				}
			})
		}
		senders.Wait()
		b.has(t, fmt.Sprintf("%s %d", won, 100*(i+1)))
		b.restart(t)
		use()
	}
	require.Greater(t, n.Load(), int64(250), "answers were lost")
	b.has(t, won+" 200")
}

// TestHalfALineOfTheJournal: killed while it wrote, before it answered.
func TestHalfALineOfTheJournal(t *testing.T) {
	b := setUp(t, nil)
	body := request(t, counter(metric.IdempotencyRequests, delta, b.now))
	b.post(t, 200, body, collector.BatchID, "1")
	b.post(t, 200, body, collector.BatchID, "2")
	require.NoError(t, b.Close())
	info, err := os.Stat(b.cfg.Journal)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(b.cfg.Journal, info.Size()-7))
	b.open(t)
	b.has(t, won+" 1")
	b.post(t, 200, body, collector.BatchID, "2")
	b.restart(t)
	b.has(t, won+" 2")
}

// TestAJournalThatCannotBeWritten: nothing is added, and the sender may come again.
func TestAJournalThatCannotBeWritten(t *testing.T) {
	b := setUp(t, nil)
	body := request(t, counter(metric.IdempotencyRequests, delta, b.now))
	require.NoError(t, b.Close()) // its journal is gone; it still listens
	b.post(t, 503, body, collector.BatchID, "1")
	require.NotContains(t, b.metrics(t), won)
	b.open(t)
	b.post(t, 200, body, collector.BatchID, "1")
	b.has(t, won+" 1")
}

func TestAJournalIsOneProcesss(t *testing.T) {
	b := setUp(t, nil)
	_, err := collector.Open(b.cfg, func() time.Time { return b.now })
	require.Error(t, err)
}

// TestIdsAreForgotten, but nothing is counted twice: what is older than what is
// remembered is refused, as a process may send that was frozen for long.
func TestIdsAreForgotten(t *testing.T) {
	b := setUp(t, func(cfg *collector.Config) { cfg.DedupeWindow = time.Hour })
	old := request(t, counter(metric.IdempotencyRequests, delta, b.now))
	b.post(t, 200, old, collector.BatchID, "old")
	for i := range 3 {
		b.now = b.now.Add(time.Hour)
		b.post(t, 200, request(t, counter(metric.IdempotencyRequests, delta, b.now)), collector.BatchID, string(rune('a'+i)))
		if i == 0 {
			b.post(t, 200, old, collector.BatchID, "old")
		}
	}
	b.post(t, 400, old, collector.BatchID, "old")
	b.has(t, won+" 4", `collector_batches_total{outcome="expired"} 1`, `collector_batches_total{outcome="repeated"} 1`)
	b.now = b.now.Add(-24 * time.Hour) // a clock that was wrong, and its processes with it
	b.post(t, 200, request(t, counter(metric.IdempotencyRequests, delta, b.now)), collector.BatchID, "back")
	b.has(t, won+" 5")
}

// TestIdsAreBounded: with room for ten, twice.
func TestIdsAreBounded(t *testing.T) {
	b := setUp(t, func(cfg *collector.Config) { cfg.MaxIDs = 10 })
	old := request(t, counter(metric.IdempotencyRequests, delta, b.now))
	for i := range 40 {
		b.now = b.now.Add(time.Second)
		b.post(t, 200, request(t, counter(metric.IdempotencyRequests, delta, b.now)), collector.BatchID, string(rune('A'+i)))
	}
	b.post(t, 400, old, collector.BatchID, "A")
	b.has(t, won+" 40")
}
