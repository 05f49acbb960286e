package collector_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
	"github.com/invochain/invochain/tools/collector/collector"
)

func TestLinesAreAddedOnceHoweverTheyAreRead(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	f.requireSamples(t, "saga_started_total 0")
	f.write(t, replay("a")+replay("b")+replay("a"))
	f.requireSamples(t, replays+" 2", `collector_batches_total{outcome="repeated"} 1`)
	whole := replay("c")
	f.write(t, whole[:100])
	f.requireSamples(t, replays+" 2")
	f.write(t, whole[100:])
	f.requireSamples(t, replays+" 3")
	f.restart(t)
	f.requireSamples(t, replays+" 3")
	require.NoError(t, os.Rename(f.cfg.Log, f.cfg.Log+".1"))
	f.write(t, replay("d")+replay("c"))
	f.requireSamples(t, replays+" 4")
	require.NoError(t, os.Truncate(f.cfg.Log, 0))
	f.requireSamples(t, replays+" 4")
	f.write(t, replay("e"))
	f.requireSamples(t, replays+" 5")
}

func TestLinesWithoutAMetricAreIgnored(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	f.write(t, strings.Join([]string{
		`fn {"level":"INFO","msg":"a \"batch\": 1"}`, `fn panic: "batch":`,
		`fn {"batch":"half","delta":[{"name":"saga_st`, "",
		`fn {"batch":"","delta":[{"name":"saga_started_total","value":1}]}`,
		`fn {"batch":"1","delta":[{"name":"no_such_total","value":1},{"name":"saga_started_total","value":1}]}`,
		`fn {"batch":"2","delta":[{"name":"saga_started_total","labels":{"merchant":"m"},"value":1}]}`,
		`fn {"batch":"3","delta":[{"name":"saga_in_flight","value":1}]}`,
		`fn {"batch":"4","delta":[{"name":"saga_started_total","value":-1},` +
			`{"name":"saga_started_total","value":1e300}]}`,
		`fn {"batch":"5","delta":[{"name":"audit_lag_seconds","count":1,"sum":1,"buckets":[1]}]}`,
		`fn {"batch":"long","delta":[{"name":"saga_started_total","value":1}],` +
			`"x":"` + strings.Repeat("x", 2<<20) + `"}`,
		`fn {"batch":"last","delta":[{"name":"saga_started_total","value":1}]}`, "",
	}, "\n"))
	f.requireSamples(t, "saga_started_total 2",
		`collector_deltas_refused_total{reason="unknown"} 3`, `collector_deltas_refused_total{reason="malformed"} 3`)
}

// TestSumsAreExact adds a tenth of a rupee 3,000 times, and as many histograms.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, `fn {"batch":"%d","delta":[`+
			`{"name":"invoice_amount_total","labels":{"document":"INV"},"value":0.1},`+
			`{"name":"audit_lag_seconds","count":2,"sum":0.3,"buckets":[0,0,0,0,1,1,0,0,0,0,0,0,0,0,0,0]}]}`+"\n", i)
	}
	f.write(t, lines.String())
	f.requireSamples(t, `invoice_amount_total{document="INV"} 300`,
		"audit_lag_seconds_sum 900", "audit_lag_seconds_count 6000",
		`audit_lag_seconds_bucket{le="0.05"} 0`, `audit_lag_seconds_bucket{le="0.1"} 3000`,
		`audit_lag_seconds_bucket{le="0.2"} 6000`, `audit_lag_seconds_bucket{le="+Inf"} 6000`)
	f.write(t, `fn {"batch":"paise","delta":[`+
		`{"name":"invoice_amount_total","labels":{"document":"INV"},"value":90000000000.07}]}`+"\n")
	f.requireSamples(t, `invoice_amount_total{document="INV"} 90000000300.07`)
}

// TestLabelsAreBounded: the total of a metric stays right.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t, func(cfg *collector.Config) { cfg.MaxSeries = 50 })
	const batches, each = 100, 100
	var lines strings.Builder
	for i := range batches {
		fmt.Fprintf(&lines, `fn {"batch":"%d","delta":[`, i)
		for j := range each {
			fmt.Fprintf(&lines, `{"name":"retry_attempts_total","labels":{"dependency":"%d-%d"},"value":1},`, i, j)
		}
		fmt.Fprintf(&lines, `{"name":"saga_started_total","value":1}]}`+"\n")
	}
	f.write(t, lines.String())
	f.write(t, fmt.Sprintf(`fn {"batch":"long","delta":[`+
		`{"name":"lock_acquisitions_total","labels":{"outcome":%q},"value":1}]}`+"\n", strings.Repeat("o", 1000)))
	text := f.metrics(t)
	require.Equal(t, 51, strings.Count(text, "\nretry_attempts_total{"))
	f.requireSamples(t, fmt.Sprintf(`retry_attempts_total{dependency="overflow"} %d`, batches*each-50),
		`lock_acquisitions_total{outcome="overflow"} 1`,
		fmt.Sprintf(`collector_deltas_refused_total{reason="overflow"} %d`, batches*each-50+1), "saga_started_total 100")
}

// TestTextIsPrometheus parses the text with Prometheus' own parser and compares it with
// the catalogue.
func TestTextIsPrometheus(t *testing.T) {
	t.Parallel()
	f := setup(t, func(cfg *collector.Config) {
		cfg.Gauges = func(context.Context) ([]gauge.Reading, []string) {
			return []gauge.Reading{
				{Name: metric.SagaStuck, Value: 2}, {Name: metric.DLQMessages, Labels: []string{`a"b\c`}, Value: 0.5},
			}, []string{"breaker"}
		}
	})
	f.write(t, `fn {"batch":"1","delta":[`+
		`{"name":"http_requests_total","labels":{"method":"G\"\\\nT","route":"/é","status":"200"},"value":1},`+
		`{"name":"http_requests_total","labels":{"method":"GET","route":"/é","status":"404","code":"x"},"value":1},`+
		`{"name":"audit_lag_seconds","count":1,"sum":0.25,"buckets":[0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0]}]}`+"\n")
	var parser expfmt.TextParser
	text := f.metrics(t)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err, text)
	for _, m := range metric.Catalogue() {
		require.Contains(t, text, "# TYPE "+m.Name+" "+string(m.Kind)+"\n")
		if m.Kind != metric.Gauge && len(m.Labels) == 0 {
			require.Contains(t, families, m.Name)
		}
	}
	require.Contains(t, text, `http_requests_total{method="GET",route="/é",status="404",code="x"} 1`)
	require.Contains(t, text, `,status="200"} 1`, "a success has no code")
	require.Equal(t, []string{`a"b\c`}, values(families[metric.DLQMessages]))
	require.InDelta(t, 2, families[metric.SagaStuck].GetMetric()[0].GetGauge().GetValue(), 0)
	h := families[metric.AuditLag].GetMetric()[0].GetHistogram()
	require.InDelta(t, 0.25, h.GetSampleSum(), 0)
	require.Len(t, h.GetBucket(), len(metric.Bounds())+1)
	f.requireSamples(t, `collector_gauge_errors_total{source="breaker"} 2`)
}

func values(f *dto.MetricFamily) []string {
	var list []string
	for _, pair := range f.GetMetric()[0].GetLabel() {
		list = append(list, pair.GetValue())
	}
	return list
}

// TestConcurrentReadersAndWriters: a line that is read while others are written counts once.
func TestConcurrentReadersAndWriters(t *testing.T) {
	t.Parallel()
	f := setup(t, nil)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 100 {
				f.write(t, replay(fmt.Sprintf("%d-%d", w, i)))
			}
		})
		wg.Go(func() {
			for range 20 {
				f.metrics(t)
			}
		})
	}
	wg.Wait()
	f.requireSamples(t, replays+" 400")
}
