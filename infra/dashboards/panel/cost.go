package panel

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/metric"
)

// Prices in US dollars, us-east-1, list price without free tier, as published on
// aws.amazon.com/<service>/pricing in November 2024, when DynamoDB's were halved.
// Decimal text, since they are only ever written into queries.
const (
	writeUnit  = "0.000000625"  // DynamoDB, on demand: $0.625 a million write request units
	readUnit   = "0.000000125"  // $0.125 a million read request units
	apiRequest = "0.0000035"    // API Gateway, REST: $3.50 a million requests
	invocation = "0.0000002"    // Lambda: $0.20 a million requests
	gbSecond   = "0.0000133334" // Lambda on arm64: a GB-second
	sqsRequest = "0.0000004"    // SQS, standard: $0.40 a million requests
	busEvent   = "0.000001"     // EventBridge: $1.00 a million custom events
	transition = "0.000025"     // Step Functions, Standard: $25 a million transitions
	memory     = "0.25"         // GB of every function: infra/service.go
	perMessage = "3"            // SQS requests a message: send, receive, delete; batches make it fewer
	perUndoing = "6"            // transitions of an execution: start, two choices, two tasks, settle
)

// cost is what the metrics say that a thousand invoices cost. It leaves out what does
// not grow with them (idle polling, alarms) and what is not measured (logs, traces,
// storage). Functions are counted once a message, though batches share invocations: so
// it is rather too high.
func cost() Row {
	parts := costs()
	total := make([]string, 0, len(parts))
	lines := make([]Line, 0, len(parts))
	for _, p := range parts {
		total = append(total, p.Prom)
		lines = append(lines, perThousand(p))
	}
	return Row{"Cost", []Panel{
		{"A thousand invoices", USD, "At list price; the budget is 0.025.", []Line{perThousand(Line{Name: "total", Prom: strings.Join(total, " + ")})}},
		{"A thousand invoices, by service", USD, "At list price.", lines},
	}}
}

// costs are dollars, by service, in any unit of time.
func costs() []Line {
	// A step that Create Invoice awaits runs in a function of its own; Create itself
	// in the request's.
	elsewhere := match{`step!="` + step.Create + `"`, `NOT step="` + step.Create + `"`}
	behind := match{`step=~"` + step.Audit + `|` + step.Publish + `"`, `step=("` + step.Audit + `" OR "` + step.Publish + `")`}
	queued := same(`door="queue"`)
	requests := flow(metric.HTTPRequests, match{})
	published := count(metric.SagaStepDuration, match{`step="` + step.Publish + `",outcome="ok"`, `step="` + step.Publish + `" outcome="ok"`})
	calls := plus(requests, count(metric.SagaStepDuration, elsewhere), count(metric.InvoiceDuration, queued))
	seconds := plus(spent(metric.HTTPDuration, match{}), spent(metric.SagaStepDuration, elsewhere), spent(metric.InvoiceDuration, queued))
	// The audit, the publishing, the sale's booking; and the request itself if it came by queue.
	messages := plus(count(metric.SagaStepDuration, behind), published, count(metric.InvoiceDuration, queued))
	reads := flow(metric.DynamoDBRequests, match{`operation=~"GetItem|Query|BatchGetItem"`, `operation=("GetItem" OR "Query" OR "BatchGetItem")`})
	undoings := flow(metric.SagaCompleted, match{`outcome=~"compensated|stuck"`, `outcome=("compensated" OR "stuck")`})
	return []Line{
		times("DynamoDB writes", writeUnit, flow(metric.DynamoDBUnits, match{})),
		times("DynamoDB reads", readUnit, reads),
		times("API Gateway", apiRequest, requests),
		times("Lambda requests", invocation, calls),
		times("Lambda time", gbSecond+" * "+memory, seconds),
		times("SQS", sqsRequest+" * "+perMessage, messages),
		times("EventBridge", busEvent, published),
		times("Step Functions", transition+" * "+perUndoing, undoings),
	}
}

// flow of a counter. It is 0 where nothing was counted yet, so that sums have a value.
func flow(counter string, m match) Line { return amount(counter, "Sum", counter, m) }

// count of a histogram's observations.
func count(histogram string, m match) Line {
	return amount(histogram+"_count", "SampleCount", histogram, m)
}

// spent is the sum of a histogram's observations.
func spent(histogram string, m match) Line { return amount(histogram+"_sum", "Sum", histogram, m) }

func amount(series, stat, metric string, m match) Line {
	l := Line{Cloud: fmt.Sprintf("SUM(%s)", own(stat, metric, m.cloud))}
	if m.prom != "" {
		series += "{" + m.prom + "}"
	}
	l.Prom = fmt.Sprintf("(sum(rate(%s[%s])) or vector(0))", series, Window)
	return l
}

func perThousand(dollars Line) Line {
	l := Line{Name: dollars.Name, Prom: fmt.Sprintf("1000 * (%s) / sum(rate(%s[%s]))", dollars.Prom, metric.InvoiceCreated, Window)}
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
