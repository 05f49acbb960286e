package panel

import "github.com/invochain/invochain/shared/metric"

func sagas() Row {
	return Row{"Sagas", []Panel{
		{"In flight, stuck", Count, "Stuck should be 0: docs/runbooks/stuck-saga.md.", []Line{
			latest(metric.SagaInFlight).named("in flight"), latest(metric.SagaStuck).named("stuck"),
		}},
		{"Overdue", Seconds, "The longest overdue saga. More than a minute: docs/runbooks/recovery.md.", []Line{latest(metric.SagaOldest).named("overdue")}},
		{"Begun, ended", PerSecond, "By outcome.", []Line{rate(metric.SagaStarted).named("begun"), rate(metric.SagaCompleted, "outcome")}},
		{"Steps, p95", Seconds, "One attempt.", []Line{p95(metric.SagaStepDuration, "step", "outcome")}},
		{"Compensations", PerSecond, "Failed ones are retried, then stuck.", []Line{rate(metric.SagaCompensations, "step", "outcome")}},
		{"Recovery", PerSecond, "Runs: one a minute is ok, 0.017 a second.", []Line{rate(metric.RecoverRuns, "outcome")}},
	}}
}

func queues() Row {
	oldest := latest(metric.QueueOldest, "queue")
	// SQS tells nobody else the age of a message. Its names are CloudFormation's.
	oldest.Cloud = search("AWS/SQS,QueueName", "Maximum", "ApproximateAgeOfOldestMessage", "QueueName=InvoChain NOT QueueName=DLQ")
	return Row{"Queues", []Panel{
		{"Waiting", Count, "Messages by queue.", []Line{latest(metric.QueueMessages, "queue")}},
		{"Oldest message", Seconds, "Age by queue.", []Line{oldest}},
		{"Given up", Count, "By dead letter queue; should be 0: docs/runbooks/dlq.md.", []Line{latest(metric.DLQMessages, "queue")}},
		{"Audit lag, p95", Seconds, "From an invoice's commit to its audit entry.", []Line{p95(metric.AuditLag).named("lag")}},
	}}
}

func tables() Row {
	trouble := match{`outcome!="ok"`, `NOT outcome="ok"`}
	return Row{"DynamoDB", []Panel{
		{"Duration, p95", Seconds, "A call, the SDK's retries included.", []Line{p95(metric.DynamoDBDuration, "operation")}},
		{"Calls", PerSecond, "By operation.", []Line{rate(metric.DynamoDBRequests, "operation")}},
		{"Refused, conflicts, throttles", PerSecond, "Refused is a condition doing its work; throttled and error are not.", []Line{rateOf(metric.DynamoDBRequests, trouble, "operation", "outcome")}},
		{"Write units", PerSecond, "Consumed, indexes included.", []Line{rate(metric.DynamoDBUnits, "operation")}},
		{"Connections", Count, "Open, over the live instances.", []Line{latest(metric.DynamoDBConnections).named("open")}},
	}}
}

func breaker() Row {
	return Row{"Breaker and retries", []Panel{
		{"Breaker", State, "0 closed, 1 half open, 2 open: docs/runbooks/breaker.md.", []Line{latest(metric.BreakerState, "dependency")}},
		{"Reservations that failed", PerSecond, "out_of_stock is an answer, the others are failures.", []Line{rate(metric.ReservationFailures, "reason")}},
		{"Retries", PerSecond, "Attempts after the first, by dependency.", []Line{rate(metric.RetryAttempts, "dependency")}},
		{"Bulkhead", PerSecond, "Calls refused because too many were under way.", []Line{rate(metric.BulkheadRejections, "dependency")}},
		{"Locks", PerSecond, "held: another one had it.", []Line{rate(metric.LockAcquisitions, "outcome")}},
	}}
}
