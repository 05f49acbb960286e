package main

// edgeMutants are the guards of the stock, the audit log and the queues.
func edgeMutants() []mutant {
	const audit = "shared/audit/"
	return []mutant{
		{
			"audit: one entry a saga", audit + "append.go",
			"dynamo.TransactPut(l.cfg.Table, item, dynamo.Absent())",
			"dynamo.TransactPut(l.cfg.Table, item, expression.Name(\"no_such\").AttributeNotExists())",
			"./shared/audit", "EachSaga|ManyWriters",
		},
		{
			"audit: the chain does not fork", audit + "append.go",
			"unmoved.Or(dynamo.Absent())", "unmoved.Or(dynamo.Absent()).Or(expression.Name(\"pk\").AttributeExists())",
			"./shared/audit", "ManyWriters",
		},
		{
			"queue: the list of failures is never null", "shared/function/queue/queue.go",
			"BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}", "BatchItemFailures: nil",
			"./shared/function/queue", "Null|null",
		},
		{
			"queue: a failed message waits for a while of its own", "shared/function/queue/queue.go",
			"c.backOff(ctx, back)", "",
			"./shared/function/queue", "Wait",
		},
		{
			"queue: waits grow", "shared/function/queue/wait.go",
			"least = min(2*least, lastWait)", "",
			"./shared/function/queue", "WaitsGrow",
		},
		{
			"queue: a message is not given up early", "shared/function/queue/wait.go",
			"const MaxReceives = 39", "const MaxReceives = 38",
			"./shared/function/queue", "GivenUpEarly",
		},
		{
			"queue: setting a wait takes no time", "shared/function/queue/wait.go",
			"context.WithTimeout(resilience.WithoutRetries(ctx), waitTimeout)", "context.WithTimeout(resilience.WithoutRetries(ctx), time.Minute)",
			"./shared/function/queue", "NotWaitedFor",
		},
		{
			"queue: each message of a call has its own error", "shared/function/queue/bundle.go",
			"range out.Failed {", "range out.Failed[:0] {",
			"./shared/function/queue", "OwnError",
		},
		{
			"queue: a sender that gives up leaves the others' call alone", "shared/batch/batch.go",
			"if g.waiting--; g.waiting == 0 {", "if true {",
			"./shared/function/queue", "GivesUp",
		},
		{
			"dynamo: what a call for several left out is read alone", "shared/durable/dynamo/gather.go",
			"answers[i].Value = found[id]; left[id] {", "answers[i].Value = found[id]; false {",
			"./shared/durable/dynamo", "AskedTogether",
		},
		{
			"publish: EventBridge takes ten events a call", "functions/publish-event/handler.go",
			"const mostEvents = 10", "const mostEvents = 100",
			"./functions/publish-event", "LargeBatch",
		},
		{
			"inventory: a barrier is written once", "shared/inventory/barrier.go",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent())",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent().Or(inState(\"\").Not()))",
			"./shared/inventory", "Hanging|Duplicate",
		},
		{
			"inventory: stock never goes below zero", "shared/inventory/level.go",
			"source.GreaterThanEqual(quantity))", "source.AttributeExists())",
			"./shared/inventory", "Reserve",
		},
		{
			"inventory: a reservation ends once", "shared/inventory/finalize.go",
			"b.key(), change, inState(isReserved))", "b.key(), change, inState(isReserved).Or(inState(isReserved).Not()))",
			"./shared/inventory", "Once|Interleav|Concurren|Race",
		},
	}
}
