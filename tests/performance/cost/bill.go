package main

import "github.com/invochain/invochain/docs"

const (
	budget   = 25.0 // what a million invoices of a busy deployment may cost, in dollars
	logsPart = 0.10 // what the logs may be of it
	million  = 1e6
)

// line is one line of a bill.
type line struct {
	what    string
	count   float64 // for one invoice
	unit    string
	dollars float64 // for a million invoices
	log     bool
}

// bill returns what a million invoices cost at list price.
func bill(c counts, list docs.PriceList) []line {
	priced := func(what, price string, count float64, unit string) line {
		return line{what: what, count: count, unit: unit, dollars: million * count * list.Of(price)}
	}
	logged := func(what string, bytes float64) line {
		l := priced(what, "logs_ingested", bytes/1e9, "")
		l.count, l.unit, l.log = bytes, "bytes", true
		return l
	}
	out := priced("data sent to the caller", "transfer_out", responseBytes/1e9, "bytes")
	out.count = responseBytes
	return []line{
		priced("DynamoDB writes", "dynamodb_write_unit", c.WriteUnits, "write units"),
		priced("DynamoDB reads", "dynamodb_read_unit", c.ReadUnits, "read units"),
		priced("API Gateway", "api_request", 1, "requests"),
		priced("firewall", "waf_request", 1, "requests"),
		priced("Lambda requests", "lambda_request", c.Invocations, "invocations"),
		priced("Lambda time", "lambda_gb_second", seconds*memoryGB, "GB-seconds"),
		priced("SQS", "sqs_request", c.Sends+c.Receives, "requests"),
		priced("SQS, fair queues", "sqs_fair_request", c.Sends, "requests"),
		priced("EventBridge", "eventbridge_event", c.Events, "events"),
		priced("Step Functions", "stepfunctions_transition", c.Transitions, "transitions"),
		priced("X-Ray", "xray_trace", traced, "traces"),
		out,
		logged("logs: metrics", c.MetricBytes),
		logged("logs: spans of sampled traces", traced*c.SpanBytes),
		logged("logs: sampled lines", logSample*c.InfoBytes),
		logged("logs: access log", accessBytes+eventBytes),
	}
}

// total returns the sum of a bill, and how much of it the logs are.
func total(bill []line) (all, logs float64) {
	for _, l := range bill {
		all += l.dollars
		if l.log {
			logs += l.dollars
		}
	}
	return all, logs
}

// stored is what keeping a million invoices costs, in dollars for a year.
type stored struct{ tables, recovery, copies float64 }

// storage returns the cost of the tables, of their point-in-time recovery, and of the daily and monthly
// backups, each of which is a full copy. It counts every item for the whole year, though reservations and
// keys expire after 90 days.
func storage(c counts, list docs.PriceList) stored {
	gigabyteMonths := 12 * million * c.StoredBytes / 1e9
	return stored{
		tables:   gigabyteMonths * list.Of("dynamodb_storage"),
		recovery: gigabyteMonths * list.Of("dynamodb_recovery"),
		copies:   gigabyteMonths * list.Of("dynamodb_backup") * backups,
	}
}
