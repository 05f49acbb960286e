package panel

import (
	"fmt"

	"github.com/invochain/invochain/infra/dashboards/objective"
	"github.com/invochain/invochain/shared/metric"
)

// API is the gateway's name for our API, as AWS's own metrics have it.
const API = "invochain"

// Operator is the dashboard of whoever keeps the service up: what is broken, since
// when, whom does it hurt.
func Operator() Board {
	return Board{Title: "InvoChain", Rows: []Row{
		objectives(), routes(), invoices(), sagas(), queues(), tables(), breaker(), cost(),
	}}
}

func objectives() Row {
	gateway := func(stat, metric string) string { return aws(stat, "AWS/ApiGateway", metric, "ApiName", API) }
	errors, slow := Panel{
		Title: "Error budget burn", Unit: Times,
		Help: "1 uses up the month's budget of 0.1 % in a month. 14.4 over an hour, or 6 over six, wakes somebody.",
	}, Panel{
		Title: "Latency budget burn", Unit: Times,
		Help: "1 uses up the month's budget of 5 % of requests slower than 0.5 s in a month.",
	}
	for _, w := range []string{"5m", "1h", "6h", "3d"} {
		errors.Lines = append(errors.Lines, Line{Name: w, Prom: fmt.Sprintf("(%s) / %s", objective.Errors(w), objective.ErrorBudget)})
		slow.Lines = append(slow.Lines, Line{Name: w, Prom: fmt.Sprintf("(%s) / %s", objective.Slow(w), objective.SlowBudget)})
	}
	errors.Lines[0].Cloud = gateway("Average", "5XXError") + "/" + objective.ErrorBudget
	slow.Lines[0].Cloud = "(1-" + gateway("PR(:500)", "Latency") + "/100)/" + objective.SlowBudget
	return Row{"Objectives", []Panel{
		{
			"Available", Share, "Requests not answered by 5xx, over an hour. The objective is 0.999.",
			[]Line{{"available", "1 - (" + objective.Errors("1h") + ")", "1-" + gateway("Average", "5XXError")}},
		},
		errors,
		{
			"Fast", Share, "Requests answered within 0.5 s, over an hour. The objective is 0.95.",
			[]Line{{"within 0.5 s", "1 - (" + objective.Slow("1h") + ")", gateway("PR(:500)", "Latency") + "/100"}},
		},
		slow,
	}}
}

func routes() Row {
	failed := match{`status=~"5.."`, `status=("500" OR "502" OR "503" OR "504")`} // a search knows no patterns
	return Row{"Requests", []Panel{
		{"Rate", PerSecond, "Requests answered.", []Line{rate(metric.HTTPRequests, "method", "route")}},
		{"Failures", PerSecond, "Answers with 5xx: 503 is honest, and safe to retry.", []Line{rateOf(metric.HTTPRequests, failed, "method", "route", "status")}},
		{"Duration, p95", Seconds, "In the function; the gateway's own time is not in it.", []Line{p95(metric.HTTPDuration, "method", "route")}},
	}}
}

func invoices() Row {
	return Row{"Invoices", []Panel{
		{"Issued", PerSecond, "By door: http, queue.", []Line{rate(metric.InvoiceCreated, "door")}},
		{"Amount issued", Rupees, "By document type.", []Line{rate(metric.InvoiceAmount, "document")}},
		{"Duration, p95", Seconds, "From a request's arrival to its answer.", []Line{p95(metric.InvoiceDuration, "door", "outcome")}},
		{"Keys", PerSecond, "Claims of idempotency keys: won and replayed are good, busy means that callers retry too early.", []Line{rate(metric.IdempotencyRequests, "outcome")}},
	}}
}
