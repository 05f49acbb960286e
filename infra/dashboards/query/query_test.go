package query_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/query"
)

func TestCheck(t *testing.T) {
	for text, wrong := range map[string]string{
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
		got := query.Check(text)
		if wrong == "" {
			require.Empty(t, got, text)
			continue
		}
		require.NotEmpty(t, got, text)
		require.Contains(t, got[0], wrong, text)
	}
}

func TestCheckCloud(t *testing.T) {
	for text, wrong := range map[string]string{
		`SUM(SEARCH('{InvoChain,method,route,status} MetricName="http_requests_total"', 'Sum', 60))/60`: "",
		`SEARCH('{AWS/SQS,QueueName} MetricName="ApproximateAgeOfOldestMessage" "x"', 'Maximum', 60)`:   "",
		`SEARCH('{InvoChain} MetricName="saga_stuck"', 'Maximum', 60)`:                                  "",
		`1+2`: "asks for nothing",
		`SEARCH('{InvoChain,route} MetricName="http_requests_total"', 'Sum', 60)`:              "has the dimensions",
		`SEARCH('{InvoChain} MetricName="saga_stucks"', 'Maximum', 60)`:                        "no such metric",
		`SEARCH('{AWS/SQS,QueueName} MetricName="Depth"', 'Maximum', 60)`:                      "no such metric",
		`SEARCH('{InvoChain} MetricName="saga_started_total"', 'p95', 60)`:                     "cannot be asked",
		`SEARCH('{InvoChain} MetricName="saga_stuck"', 'Sum', 60)`:                             "cannot be asked",
		`SEARCH('{InvoChain,door} MetricName="invoice_created_total" gate="http"', 'Sum', 60)`: "no dimension gate",
	} {
		got := query.CheckCloud(text)
		if wrong == "" {
			require.Empty(t, got, text)
			continue
		}
		require.NotEmpty(t, got, text)
		require.Contains(t, got[0], wrong, text)
	}
}
