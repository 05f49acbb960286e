package dashboards

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

// TestEveryPanelAsksForRecordedMetrics checks each query of the dashboard against the catalogue.
func TestEveryPanelAsksForRecordedMetrics(t *testing.T) {
	for _, row := range panel.Operator().Rows {
		for _, p := range row.Panels {
			t.Run(row.Title+"/"+p.Title, func(t *testing.T) {
				require.NotEmpty(t, p.Lines)
				for _, l := range p.Lines {
					require.Empty(t, checkPromQL(strings.ReplaceAll(l.Prom, panel.Window, "5m")), l.Prom)
					if l.Cloud != "" {
						require.Empty(t, checkCloudWatch(l.Cloud), l.Cloud)
					}
				}
			})
		}
	}
}

// TestEveryAlertAsksForRecordedMetrics checks each condition of an alert against the catalogue.
func TestEveryAlertAsksForRecordedMetrics(t *testing.T) {
	for _, a := range alert.All() {
		t.Run(a.Name, func(t *testing.T) {
			require.Empty(t, checkPromQL(a.Expr))
			for _, c := range a.Cloud {
				for _, term := range c.Terms {
					require.Empty(t, checkMetric(term.Namespace, term.Name, term.Stat, term.Labels()))
				}
			}
		})
	}
}

func TestCheckPromQL(t *testing.T) {
	for text, fault := range map[string]string{
		`sum by (route) (rate(http_requests_total{status=~"5.."}[5m]))`:                                 "",
		`histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket[5m])))`: "",
		`max(saga_stuck) > 0 unless on() vector(1)`:                                                     "",
		`rate(http_requests_total[5m]`:                                                                  "parse",
		`rate(http_request_total[5m])`:                                                                  "no such metric",
		`{route="/invoices"}`:                                                                           "no such metric",
		`http_requests_total{path="/x"}`:                                                                "has no label path",
		`sum by (routes) (http_requests_total)`:                                                         "no such label",
		`sum by (le) (http_requests_total)`:                                                             "no such label",
		`rate(http_request_duration_seconds[5m])`:                                                       "no such metric",
		`rate(http_requests_total_bucket[5m])`:                                                          "no such metric",
		`http_request_duration_seconds_sum{le="1"}`:                                                     "has no label le",
		`rate(saga_stuck[5m])`:                                                                          "of the gauge",
	} {
		t.Run(text, func(t *testing.T) { requireFault(t, fault, checkPromQL(text)) })
	}
}

func TestCheckCloudWatch(t *testing.T) {
	for text, fault := range map[string]string{
		`SUM(SEARCH('{InvoChain,method,route,status} MetricName="http_requests_total"', 'Sum', 60))/60`: "",
		`SEARCH('{AWS/SQS,QueueName} MetricName="ApproximateAgeOfOldestMessage" "x"', 'Maximum', 60)`:   "",
		`SEARCH('{InvoChain} MetricName="saga_stuck"', 'Maximum', 60)`:                                  "",
		`1+2`: "has no search",
		`SEARCH('{InvoChain,route} MetricName="http_requests_total"', 'Sum', 60)`:              "has the dimensions",
		`SEARCH('{InvoChain} MetricName="saga_stucks"', 'Maximum', 60)`:                        "no such metric",
		`SEARCH('{AWS/SQS,QueueName} MetricName="Depth"', 'Maximum', 60)`:                      "no such metric",
		`SEARCH('{InvoChain} MetricName="saga_started_total"', 'p95', 60)`:                     "has no statistic",
		`SEARCH('{InvoChain} MetricName="saga_stuck"', 'Sum', 60)`:                             "has no statistic",
		`SEARCH('{InvoChain,door} MetricName="invoice_created_total" gate="http"', 'Sum', 60)`: "no dimension gate",
	} {
		t.Run(text, func(t *testing.T) { requireFault(t, fault, checkCloudWatch(text)) })
	}
}

// requireFault requires the first fault to contain a text, or no fault if it is empty.
func requireFault(t *testing.T, want string, got []string) {
	t.Helper()
	if want == "" {
		require.Empty(t, got)
		return
	}
	require.NotEmpty(t, got)
	require.Contains(t, got[0], want)
}
