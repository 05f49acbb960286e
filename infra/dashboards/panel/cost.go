package panel

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/docs"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/metric"
)

const (
	memory = "0.25" // GB of every function: infra/service.go

	requestsPerMessage      = "3" // of SQS: send, receive, delete; fewer with batches
	transitionsPerExecution = "6" // of the compensation: start, two choices, two tasks, settle
)

// cost shows the cost of a thousand invoices, computed from the metrics. It excludes costs
// that do not grow with the number of invoices (idle polling, alarms) and those that are not
// measured (firewall, logs, traces, storage), which `make cost` prints. It counts an invocation
// for each message although a batch shares one, so the result is an upper bound.
func cost() Row {
	parts := costs()
	total := make([]string, 0, len(parts))
	lines := make([]Line, 0, len(parts))
	for _, p := range parts {
		total = append(total, p.Prom)
		lines = append(lines, perThousand(p))
	}
	return Row{"Cost", []Panel{
		{
			"A thousand invoices", USD, "At list price; the budget is 0.025.",
			[]Line{perThousand(Line{Name: "total", Prom: strings.Join(total, " + ")})},
		},
		{"A thousand invoices, by service", USD, "At list price.", lines},
	}}
}

// costs returns the cost in dollars per second of each service, at the list prices of docs/prices.json.
func costs() []Line {
	// Create Invoice runs in the function that handles the request; all other steps run in
	// functions of their own.
	elsewhere := match{`step!="` + step.Create + `"`, `NOT step="` + step.Create + `"`}
	queueSteps := match{
		`step=~"` + step.Audit + `|` + step.Publish + `"`, `step=("` + step.Audit + `" OR "` + step.Publish + `")`,
	}
	queued := sameMatch(`door="queue"`)
	requests := flow(metric.HTTPRequests, match{})
	published := count(metric.SagaStepDuration, match{
		`step="` + step.Publish + `",outcome="ok"`, `step="` + step.Publish + `" outcome="ok"`,
	})
	calls := plus(requests, count(metric.SagaStepDuration, elsewhere), count(metric.InvoiceDuration, queued))
	seconds := plus(
		spent(metric.HTTPDuration, match{}), spent(metric.SagaStepDuration, elsewhere), spent(metric.InvoiceDuration, queued),
	)
	// One message for the audit, one for the event, one to book the sale, and the request itself
	// if it came through the queue.
	messages := plus(count(metric.SagaStepDuration, queueSteps), published, count(metric.InvoiceDuration, queued))
	reads := flow(metric.DynamoDBRequests, match{
		`operation=~"GetItem|Query|BatchGetItem"`, `operation=("GetItem" OR "Query" OR "BatchGetItem")`,
	})
	compensations := flow(metric.SagaCompleted, match{
		`outcome=~"compensated|stuck"`, `outcome=("compensated" OR "stuck")`,
	})
	price := docs.Prices().Decimal
	return []Line{
		times("DynamoDB writes", price("dynamodb_write_unit"), flow(metric.DynamoDBUnits, match{})),
		times("DynamoDB reads", price("dynamodb_read_unit"), reads),
		times("API Gateway", price("api_request"), requests),
		times("Lambda requests", price("lambda_request"), calls),
		times("Lambda time", price("lambda_gb_second")+" * "+memory, seconds),
		times("SQS", price("sqs_request")+" * "+requestsPerMessage, messages),
		times("EventBridge", price("eventbridge_event"), published),
		times("Step Functions", price("stepfunctions_transition")+" * "+transitionsPerExecution, compensations),
	}
}

// flow returns the rate of a counter. It is 0 before the first count, so that sums have a value.
func flow(counter string, m match) Line { return amount(counter, "Sum", counter, m) }

// count returns the rate of a histogram's observations.
func count(histogram string, m match) Line {
	return amount(histogram+"_count", "SampleCount", histogram, m)
}

// spent returns the rate at which the sum of a histogram's observations grows.
func spent(histogram string, m match) Line { return amount(histogram+"_sum", "Sum", histogram, m) }

func amount(series, stat, metric string, m match) Line {
	l := Line{Cloud: fmt.Sprintf("SUM(%s)", own(stat, metric, m.cloud))}
	if m.prom != "" {
		series += "{" + m.prom + "}"
	}
	l.Prom = fmt.Sprintf("(sum(rate(%s[%s])) or vector(0))", series, Window)
	return l
}

// perThousand converts dollars per second to dollars per thousand invoices.
func perThousand(dollars Line) Line {
	l := Line{
		Name: dollars.Name,
		Prom: fmt.Sprintf("1000 * (%s) / sum(rate(%s[%s]))", dollars.Prom, metric.InvoiceCreated, Window),
	}
	if dollars.Cloud != "" {
		l.Cloud = fmt.Sprintf("1000 * (%s) / SUM(%s)", dollars.Cloud, own("Sum", metric.InvoiceCreated))
	}
	return l
}

func plus(terms ...Line) Line {
	prom, cloud := make([]string, 0, len(terms)), make([]string, 0, len(terms))
	for _, t := range terms {
		prom, cloud = append(prom, t.Prom), append(cloud, t.Cloud)
	}
	return Line{Prom: "(" + strings.Join(prom, " + ") + ")", Cloud: "(" + strings.Join(cloud, " + ") + ")"}
}

func times(name, price string, l Line) Line {
	return Line{Name: name, Prom: price + " * " + l.Prom, Cloud: price + " * " + l.Cloud}
}
