package panel

import "github.com/invochain/invochain/shared/metric"

func queues() Row {
	oldest := latest(metric.QueueOldest, "queue")
	// SQS reports the age of the oldest message to CloudWatch only. CloudFormation names the queues.
	oldest.Cloud = search("AWS/SQS,QueueName", "Maximum", "ApproximateAgeOfOldestMessage",
		"QueueName=InvoChain NOT QueueName=DLQ")
	return Row{"Queues", []Panel{
		{"Waiting", Count, "Messages by queue.", []Line{latest(metric.QueueMessages, "queue")}},
		{"Oldest message", Seconds, "Age by queue.", []Line{oldest}},
		{
			"Dead letters", Count, "By dead letter queue; should be 0: docs/runbooks/dlq.md.",
			[]Line{latest(metric.DLQMessages, "queue")},
		},
	}}
}

func auditLog() Row {
	return Row{"Audit log", []Panel{
		{
			"Audit lag, p95", Seconds, "From an invoice's commit to its audit entry.",
			[]Line{p95(metric.AuditLag).withName("lag")},
		},
		{"Entries", Count, "Of the log, and those that no checkpoint signs yet.", []Line{
			latest(metric.AuditLogSize).withName("all"), latest(metric.AuditUnsealed).withName("unsigned"),
		}},
		{
			"Oldest unsigned entry", Seconds, "More than five minutes: docs/runbooks/audit-seal.md.",
			[]Line{latest(metric.AuditSealAge).withName("age")},
		},
		{
			"Runs that sign", PerSecond, "altered should be 0: docs/runbooks/audit-altered.md.",
			[]Line{rate(metric.AuditSeals, "outcome")},
		},
		{
			"Alterations", PerSecond, "Receipts refused because an entry is not what was signed; should be 0.",
			[]Line{rate(metric.AuditAlterations).withName("receipts")},
		},
		{
			"Sales booked late", PerSecond, "Their events did not arrive; should be 0: docs/runbooks/sales-not-booked.md.",
			[]Line{rate(metric.LateSales, "outcome")},
		},
		{
			"Overdue erasures", Count, "More than a day after their time; should be 0: docs/runbooks/erasure-overdue.md.",
			[]Line{latest(metric.ErasuresOverdue).withName("erasures")},
		},
	}}
}

func tables() Row {
	notOK := match{`outcome!="ok"`, `NOT outcome="ok"`}
	return Row{"DynamoDB", []Panel{
		{
			"Duration, p95", Seconds, "Of a call, including the SDK's retries.",
			[]Line{p95(metric.DynamoDBDuration, "operation")},
		},
		{"Calls", PerSecond, "By operation.", []Line{rate(metric.DynamoDBRequests, "operation")}},
		{
			"Failed conditions, conflicts, throttles", PerSecond,
			"refused: a condition of a write was not met, which is normal. throttled and error are faults.",
			[]Line{rateOf(metric.DynamoDBRequests, notOK, "operation", "outcome")},
		},
		{"Write units", PerSecond, "Consumed, including indexes.", []Line{rate(metric.DynamoDBUnits, "operation")}},
		{
			"Connections", Count, "Open connections of all running instances.",
			[]Line{latest(metric.DynamoDBConnections).withName("open")},
		},
	}}
}

func breaker() Row {
	return Row{"Breaker and retries", []Panel{
		{
			"Breaker", State, "0 closed, 1 half open, 2 open: docs/runbooks/breaker.md.",
			[]Line{latest(metric.BreakerState, "dependency")},
		},
		{
			"Failed reservations", PerSecond, "out_of_stock is a valid answer, the other reasons are faults.",
			[]Line{rate(metric.ReservationFailures, "reason")},
		},
		{"Retries", PerSecond, "Attempts after the first, by dependency.", []Line{rate(metric.RetryAttempts, "dependency")}},
		{
			"Bulkhead", PerSecond, "Calls rejected because too many were in progress.",
			[]Line{rate(metric.BulkheadRejections, "dependency")},
		},
		{"Locks", PerSecond, "held: another owner had the lock.", []Line{rate(metric.LockAcquisitions, "outcome")}},
	}}
}
