package httpapi_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/metric"
)

// TestRequestsAreCountedByCode: with the code of the problem document that was answered.
func TestRequestsAreCountedByCode(t *testing.T) {
	t.Parallel()
	ctx, counted := telemetrytest.Record(t)
	for path, want := range map[string]string{
		"/invoices":   "method=GET,route=/invoices,status=200",
		"/nowhere":    "code=route_not_found,method=GET,route=unmatched,status=404",
		"/fault":      "code=internal,method=GET,route=unmatched,status=500", // no route of the catalogue
		"/panic":      "code=internal,method=GET,route=unmatched,status=500",
		"/down":       "code=other,method=GET,route=unmatched,status=503", // no code of the catalogue
		"/invoices/a": "method=GET,route=/invoices/{id},status=200",
	} {
		httpapi.Invoke(ctx, router().Handler(), lambdaevents.APIGatewayProxyRequest{HTTPMethod: "GET", Path: path})
		require.InDelta(t, 1, counted()[metric.HTTPRequests+"{"+want+"}"], 0, path)
	}
}

// TestHostileRequestsMakeFewSeries: no caller can make series by sending what there is not.
func TestHostileRequestsMakeFewSeries(t *testing.T) {
	t.Parallel()
	ctx, counted := telemetrytest.Record(t)
	handler := router().Handler()
	for n := range 2000 {
		method := []string{"GET", "POST", "PUT", "HEAD", fmt.Sprintf("M%d", n)}[n%5]
		path := []string{"/invoices", "/invoices/%d", "/echo", "/%d", "/down"}[n/5%5]
		httpapi.Invoke(ctx, handler, lambdaevents.APIGatewayProxyRequest{
			HTTPMethod: method, Path: strings.ReplaceAll(path, "%d", strconv.Itoa(n)),
			QueryStringParameters: map[string]string{[]string{"", strconv.Itoa(n)}[n/25%2]: "1"},
		})
	}
	series := 0
	for name := range counted() {
		if strings.HasPrefix(name, metric.HTTPRequests) {
			series++
		}
	}
	require.LessOrEqual(t, series, 30)
}
