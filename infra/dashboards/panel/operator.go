package panel

import (
	"fmt"

	"github.com/invochain/invochain/infra/dashboards/objective"
	"github.com/invochain/invochain/shared/metric"
)

// API is the name of our API in API Gateway's own metrics.
const API = "invochain"

// Operator returns the dashboard for operating the service. It shows what is broken, since
// when, and how it affects callers.
func Operator() Board {
	return Board{Title: "InvoChain", Rows: []Row{
		objectives(), routes(), invoices(), sagas(), queues(), auditLog(), tables(), breaker(), cost(),
	}}
}

func objectives() Row {
	gateway := func(stat, metric string) string { return aws(stat, "AWS/ApiGateway", metric, "ApiName", API) }
	errors, slow := Panel{
		Title: "Error budget burn", Unit: Times,
		Help: "1 uses up the budget of 0.1 % in exactly 30 days. 14.4 over 1 h, or 6 over 6 h, pages.",
	}, Panel{
		Title: "Latency budget burn", Unit: Times,
		Help: "1 uses up the budget of 5 % of responses slower than 0.5 s in exactly 30 days.",
	}
	for _, w := range []string{"5m", "1h", "6h", "3d"} {
		errors.Lines = append(errors.Lines, burnRate(w, objective.Errors(w), objective.ErrorBudget))
		slow.Lines = append(slow.Lines, burnRate(w, objective.Slow(w), objective.SlowBudget))
	}
	errors.Lines[0].Cloud = gateway("Average", "5XXError") + "/" + objective.ErrorBudget
	slow.Lines[0].Cloud = "(1-" + gateway("PR(:500)", "Latency") + "/100)/" + objective.SlowBudget
	return Row{"Objectives", []Panel{
		{
			"Available", Share, "Share of responses that are not 5xx, over an hour. The objective is 0.999.",
			[]Line{{"available", "1 - (" + objective.Errors("1h") + ")", "1-" + gateway("Average", "5XXError")}},
		},
		errors,
		{
			"Fast", Share, "Share of responses within 0.5 s, over an hour. The objective is 0.95.",
			[]Line{{"within 0.5 s", "1 - (" + objective.Slow("1h") + ")", gateway("PR(:500)", "Latency") + "/100"}},
		},
		slow,
	}}
}

func burnRate(window, share, budget string) Line {
	return Line{Name: window, Prom: fmt.Sprintf("(%s) / %s", share, budget)}
}

func routes() Row {
	// A CloudWatch search has no patterns.
	failed := match{`status=~"5.."`, `status=("500" OR "502" OR "503" OR "504")`}
	refused := rateOf(metric.HTTPRequests, match{prom: `status=~"4.."`}, "code")
	refused.Cloud = perSecond(ownBy("Sum", metric.HTTPRequests, func(string) bool { return true }, "NOT "+failed.cloud))
	return Row{"Requests", []Panel{
		{"Rate", PerSecond, "Responses.", []Line{rate(metric.HTTPRequests, "method", "route")}},
		{
			"Failures", PerSecond, "5xx responses. A request that got 503 is safe to retry.",
			[]Line{rateOf(metric.HTTPRequests, failed, "method", "route", "status")},
		},
		{"Refusals", PerSecond, "4xx responses by code: docs/errors.md.", []Line{refused}},
		{
			"Refused callers", PerSecond, "By reason: docs/runbooks/security-refusals.md.",
			[]Line{rate(metric.SecurityRefusals, "reason")},
		},
		{
			"Duration, p95", Seconds, "In the function, without the gateway.",
			[]Line{p95(metric.HTTPDuration, "method", "route")},
		},
	}}
}

func invoices() Row {
	return Row{"Invoices", []Panel{
		{"Issued", PerSecond, "By door: the HTTP API or the queue.", []Line{rate(metric.InvoiceCreated, "door")}},
		{"Amount issued", Rupees, "By document type.", []Line{rate(metric.InvoiceAmount, "document")}},
		{
			"Duration, p95", Seconds, "From the arrival of a request to its response.",
			[]Line{p95(metric.InvoiceDuration, "door", "outcome")},
		},
		{
			"Idempotency keys", PerSecond, "won and replayed are normal; busy means that callers retry too early.",
			[]Line{rate(metric.IdempotencyRequests, "outcome")},
		},
	}}
}

func sagas() Row {
	byRelease := rate(metric.SagaCompleted, metric.ReleaseLabel)
	byRelease.Cloud = perSecond(ownBy("Sum", metric.SagaCompleted, func(string) bool { return true }))
	return Row{"Sagas", []Panel{
		{"In flight, stuck", Count, "Stuck should be 0: docs/runbooks/stuck-saga.md.", []Line{
			latest(metric.SagaInFlight).withName("in flight"), latest(metric.SagaStuck).withName("stuck"),
		}},
		{
			"Overdue", Seconds, "The saga that is overdue longest. More than a minute: docs/runbooks/recovery.md.",
			[]Line{latest(metric.SagaOldest).withName("overdue")},
		},
		{
			"Started, completed", PerSecond, "Completed sagas by outcome.",
			[]Line{rate(metric.SagaStarted).withName("started"), rate(metric.SagaCompleted, "outcome")},
		},
		{"Releases", PerSecond, "Sagas that ended, by the release of the instance that ended them.", []Line{byRelease}},
		{"Steps, p95", Seconds, "Of one attempt.", []Line{p95(metric.SagaStepDuration, "step", "outcome")}},
		{
			"Compensations", PerSecond, "A failed one is retried; after the last retry the saga is stuck.",
			[]Line{rate(metric.SagaCompensations, "step", "outcome")},
		},
		{
			"Recovery", PerSecond, "Runs by outcome. One a minute, 0.017 per second, should be ok.",
			[]Line{rate(metric.RecoverRuns, "outcome")},
		},
	}}
}
