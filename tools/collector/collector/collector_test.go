package collector_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
	"github.com/invochain/invochain/tools/collector/collector"
)

// bed is a collector with its files, on a clock that only tests move.
type bed struct {
	*collector.Collector

	cfg collector.Config
	now time.Time
	url string
}

func setUp(t *testing.T, change func(*collector.Config)) *bed {
	t.Helper()
	dir := t.TempDir()
	b := &bed{
		cfg: collector.Config{Log: filepath.Join(dir, "functions.log"), Journal: filepath.Join(dir, "journal")},
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	if change != nil {
		change(&b.cfg)
	}
	b.open(t)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *bed) open(t *testing.T) {
	t.Helper()
	var err error
	b.Collector, err = collector.Open(b.cfg, func() time.Time { return b.now })
	require.NoError(t, err)
	server := httptest.NewServer(b.Handler())
	t.Cleanup(server.Close)
	b.url = server.URL
}

// restart opens another over the same files.
func (b *bed) restart(t *testing.T) {
	t.Helper()
	require.NoError(t, b.Close())
	b.open(t)
}

func (b *bed) write(t *testing.T, text string) {
	t.Helper()
	f, err := os.OpenFile(b.cfg.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func (b *bed) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(b.url + "/metrics") //nolint:noctx // a test's own server
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, collector.ContentType, resp.Header.Get("Content-Type"))
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	require.NoError(t, err)
	return text.String()
}

func (b *bed) has(t *testing.T, lines ...string) {
	t.Helper()
	text := "\n" + b.metrics(t)
	for _, line := range lines {
		require.Contains(t, text, "\n"+line+"\n")
	}
}

func replay(batch string) string {
	return fmt.Sprintf(`InvoChain-Service-CreateInvoice1A2B3C4D-5E6F7 {"at":1,"outcome":"replayed","batch":%q,`+
		`"delta":[{"name":"idempotency_requests_total","labels":{"outcome":"replayed"},"value":1}]}`+"\n", batch)
}

const replays = `idempotency_requests_total{outcome="replayed"}`

func TestLinesAreSummedOnceHoweverTheyAreRead(t *testing.T) {
	b := setUp(t, nil)
	b.has(t, "saga_started_total 0")
	b.write(t, replay("a")+replay("b")+replay("a"))
	b.has(t, replays+" 2", `collector_batches_total{outcome="repeated"} 1`)
	whole := replay("c")
	b.write(t, whole[:100])
	b.has(t, replays+" 2")
	b.write(t, whole[100:])
	b.has(t, replays+" 3")
	b.restart(t)
	b.has(t, replays+" 3")
	require.NoError(t, os.Rename(b.cfg.Log, b.cfg.Log+".1"))
	b.write(t, replay("d")+replay("c"))
	b.has(t, replays+" 4")
	require.NoError(t, os.Truncate(b.cfg.Log, 0))
	b.has(t, replays+" 4")
	b.write(t, replay("e"))
	b.has(t, replays+" 5")
}

func TestWhatIsNoMetricIsLeftOut(t *testing.T) {
	b := setUp(t, nil)
	b.write(t, strings.Join([]string{
		`fn {"level":"INFO","msg":"a \"batch\": 1"}`, `fn panic: "batch":`, `fn {"batch":"half","delta":[{"name":"saga_st`, "",
		`fn {"batch":"","delta":[{"name":"saga_started_total","value":1}]}`,
		`fn {"batch":"1","delta":[{"name":"nobody_knows_total","value":1},{"name":"saga_started_total","value":1}]}`,
		`fn {"batch":"2","delta":[{"name":"saga_started_total","labels":{"merchant":"m"},"value":1}]}`,
		`fn {"batch":"3","delta":[{"name":"saga_in_flight","value":1}]}`,
		`fn {"batch":"4","delta":[{"name":"saga_started_total","value":-1},{"name":"saga_started_total","value":1e300}]}`,
		`fn {"batch":"5","delta":[{"name":"audit_lag_seconds","count":1,"sum":1,"buckets":[1]}]}`,
		`fn {"batch":"long","delta":[{"name":"saga_started_total","value":1}],"x":"` + strings.Repeat("x", 2<<20) + `"}`,
		`fn {"batch":"last","delta":[{"name":"saga_started_total","value":1}]}`, "",
	}, "\n"))
	b.has(t, "saga_started_total 2",
		`collector_deltas_refused_total{reason="unknown"} 3`, `collector_deltas_refused_total{reason="malformed"} 3`)
}

// TestSumsAreExact: a tenth of a rupee a million times, and a histogram.
func TestSumsAreExact(t *testing.T) {
	b := setUp(t, nil)
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, `fn {"batch":"%d","delta":[{"name":"invoice_amount_total","labels":{"document":"INV"},"value":0.1},`+
			`{"name":"audit_lag_seconds","count":2,"sum":0.3,"buckets":[0,0,0,0,1,1,0,0,0,0,0,0,0,0,0,0]}]}`+"\n", i)
	}
	b.write(t, lines.String())
	b.has(t, `invoice_amount_total{document="INV"} 300`, "audit_lag_seconds_sum 900", "audit_lag_seconds_count 6000",
		`audit_lag_seconds_bucket{le="0.05"} 0`, `audit_lag_seconds_bucket{le="0.1"} 3000`,
		`audit_lag_seconds_bucket{le="0.2"} 6000`, `audit_lag_seconds_bucket{le="+Inf"} 6000`)
	b.write(t, `fn {"batch":"paise","delta":[{"name":"invoice_amount_total","labels":{"document":"INV"},"value":90000000000.07}]}`+"\n")
	b.has(t, `invoice_amount_total{document="INV"} 90000000300.07`)
}

// TestLabelsAreBounded: the sum over all series is still right.
func TestLabelsAreBounded(t *testing.T) {
	b := setUp(t, func(cfg *collector.Config) { cfg.Series = 50 })
	const batches, each = 100, 100
	var lines strings.Builder
	for i := range batches {
		fmt.Fprintf(&lines, `fn {"batch":"%d","delta":[`, i)
		for j := range each {
			fmt.Fprintf(&lines, `{"name":"retry_attempts_total","labels":{"dependency":"%d-%d"},"value":1},`, i, j)
		}
		fmt.Fprintf(&lines, `{"name":"saga_started_total","value":1}]}`+"\n")
	}
	b.write(t, lines.String())
	b.write(t, fmt.Sprintf(`fn {"batch":"long","delta":[{"name":"lock_acquisitions_total","labels":{"outcome":%q},"value":1}]}`+"\n", strings.Repeat("o", 1000)))
	text := b.metrics(t)
	require.Equal(t, 51, strings.Count(text, "\nretry_attempts_total{"))
	b.has(t, fmt.Sprintf(`retry_attempts_total{dependency="overflow"} %d`, batches*each-50), `lock_acquisitions_total{outcome="overflow"} 1`,
		fmt.Sprintf(`collector_deltas_refused_total{reason="overflow"} %d`, batches*each-50+1), "saga_started_total 100")
}

// TestTextIsPrometheus parses it with Prometheus' own parser and holds it against the
// catalogue.
func TestTextIsPrometheus(t *testing.T) {
	b := setUp(t, func(cfg *collector.Config) {
		cfg.Gauges = func(context.Context) ([]gauge.Reading, []string) {
			return []gauge.Reading{{Name: metric.SagaStuck, Value: 2}, {Name: metric.DLQMessages, Labels: []string{`a"b\c`}, Value: 0.5}}, []string{"breaker"}
		}
	})
	b.write(t, `fn {"batch":"1","delta":[{"name":"http_requests_total","labels":{"method":"G\"\\\nT","route":"/é","status":"200"},"value":1},`+
		`{"name":"audit_lag_seconds","count":1,"sum":0.25,"buckets":[0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0]}]}`+"\n")
	var parser expfmt.TextParser
	text := b.metrics(t)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err, text)
	for _, m := range metric.Catalogue() {
		require.Contains(t, text, "# TYPE "+m.Name+" "+string(m.Kind)+"\n")
		if m.Kind != metric.Gauge && len(m.Labels) == 0 {
			require.Contains(t, families, m.Name)
		}
	}
	require.Equal(t, []string{"G\"\\\nT", "/é", "200"}, values(families[metric.HTTPRequests]))
	require.Equal(t, []string{`a"b\c`}, values(families[metric.DLQMessages]))
	require.InDelta(t, 2, families[metric.SagaStuck].GetMetric()[0].GetGauge().GetValue(), 0)
	h := families[metric.AuditLag].GetMetric()[0].GetHistogram()
	require.InDelta(t, 0.25, h.GetSampleSum(), 0)
	require.Len(t, h.GetBucket(), len(metric.Bounds())+1)
	b.has(t, `collector_gauge_errors_total{source="breaker"} 2`)
}

func values(f *dto.MetricFamily) []string {
	var list []string
	for _, pair := range f.GetMetric()[0].GetLabel() {
		list = append(list, pair.GetValue())
	}
	return list
}

// TestReadersAndWritersAtOnce: what is read while it is written is read once.
func TestReadersAndWritersAtOnce(t *testing.T) {
	b := setUp(t, nil)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				b.write(t, replay(fmt.Sprintf("%d-%d", w, i)))
			}
		})
		wg.Go(func() {
			for range 20 {
				b.metrics(t)
			}
		})
	}
	wg.Wait()
	b.has(t, replays+" 400")
}
