package main

// edgeMutants are the guards of the stock, the audit log and the queues.
func edgeMutants() []mutant {
	const audit = "shared/audit/"
	return []mutant{
		{
			"audit: one entry for each id", audit + "append.go",
			"dynamo.TransactPut(l.cfg.Table, item, dynamo.Absent())",
			"dynamo.TransactPut(l.cfg.Table, item, dynamo.Absent().Or(dynamo.Absent().Not()))",
			"./shared/audit", "EachID|ManyWriters",
		},
		{
			"audit: each place has one entry", audit + "log.go",
			`fmt.Sprintf("BATCH#%016d", from)`, `fmt.Sprintf("BATCH#%016d%p", from, &from)`,
			"./shared/audit", "ManyWriters",
		},
		{
			"audit: the register is read strongly consistent", "shared/durable/dynamo/query.go",
			"ConsistentRead: aws.Bool(true), KeyConditionExpression", "ConsistentRead: aws.Bool(false), KeyConditionExpression",
			"./shared/audit", "ReadsAreConsistent",
		},
		{
			"inventory: a busy item is a refusal with nothing to undo", "shared/inventory/reserve.go",
			"if contended && ctx.Err() == nil {", "if contended && false {",
			"./shared/inventory", "BusyItem",
		},
		{
			"queue: the list of failures is never null", "shared/function/queue/consumer.go",
			"BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}", "BatchItemFailures: nil",
			"./shared/function/queue", "Null|null",
		},
		{
			"queue: a failed message is retried after its own backoff", "shared/function/queue/consumer.go",
			"c.backOff(ctx, again)", "_ = again",
			"./shared/function/queue", "Backoff|BackOff",
		},
		{
			"queue: backoffs grow", "shared/function/queue/backoff.go",
			"least = min(max(min(2*least, shortBackoff), before/backoffShare), longestBackoff)", "",
			"./shared/function/queue", "BackoffsGrow",
		},
		{
			"queue: a message is not dead-lettered early", "shared/function/queue/exhausted.go",
			"const MaxReceives = 39", "const MaxReceives = 38",
			"./shared/function/queue", "DeadLetteredEarly",
		},
		{
			"queue: an outage is waited for", "shared/function/queue/exhausted.go",
			"if isOutage(err) {", "if false {",
			"./shared/function/queue", "OutagesAreWaitedFor",
		},
		{
			"queue: SQS deletes no message that fails", "shared/function/queue/exhausted.go",
			" || age(m, c.Now()) >= maxAge", "",
			"./shared/function/queue", "NoMessageExpires",
		},
		{
			"queue: setting a backoff is bounded in time", "shared/function/queue/backoff.go",
			"context.WithTimeout(resilience.WithoutRetries(ctx), backoffTimeout)",
			"context.WithTimeout(resilience.WithoutRetries(ctx), time.Minute)",
			"./shared/function/queue", "DelaysNoResponse",
		},
		{
			"queue: each message of a batch keeps its group", "shared/function/queue/batchproducer.go",
			", MessageGroupId: m.MessageGroupId", "",
			"./shared/function/queue", "ShareACall",
		},
		{
			"queue: each message of a batch has its own error", "shared/function/queue/batchproducer.go",
			"range out.Failed {", "range out.Failed[:0] {",
			"./shared/function/queue", "OwnError",
		},
		{
			"queue: a canceled sender does not cancel the batch of the others", "shared/batch/batch.go",
			"if left.waiting--; left.waiting == 0 {", "if true {",
			"./shared/function/queue", "SenderThatLeaves",
		},
		{
			"aws: no older version of TLS", "shared/function/awsclient/config.go",
			"t.TLSClientConfig.MinVersion = tls.VersionTLS13", "t.TLSClientConfig.MinVersion = tls.VersionTLS12",
			"./shared/function/awsclient", "OldTLS",
		},
		{
			"aws: no request in clear", "shared/function/awsclient/config.go",
			`r.URL.Scheme != "https" && !loopback(host)`, "false && !loopback(host)",
			"./shared/function/awsclient", "PlainHTTP",
		},
		{
			"aws: no request after its context's deadline", "shared/function/awsclient/config.go",
			"ok && time.Until(deadline.Round(0)) <= 0", "ok && deadline.IsZero()",
			"./shared/function/awsclient", "Paused",
		},
		{
			"dynamo: a write that meets a transaction is sent again", "shared/durable/dynamo/retry.go",
			"!Conflicted(err) || attempt == maxAttempts", "true",
			"./shared/durable/dynamo", "MeetsATransaction",
		},
		{
			"dynamo: unprocessed keys of a batch are read one by one", "shared/durable/dynamo/batchreader.go",
			"results[i].Value = found[id]; unprocessed[id] {", "results[i].Value = found[id]; false {",
			"./shared/durable/dynamo", "ShareACall",
		},
		{
			"publish: the calls of a batch are bounded", "functions/publish-event/handler.go",
			"len(calls), maxCalls,", "len(calls), len(calls),",
			"./functions/publish-event", "CallsOfABatch",
		},
		{
			"publish: EventBridge takes ten events a call", "functions/publish-event/handler.go",
			"maxEvents = 10 ", "maxEvents = 100 ",
			"./functions/publish-event", "LargeBatch",
		},
		{
			"inventory: a barrier is written once", "shared/inventory/barrier.go",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent())",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent().Or(inState(\"\").Not()))",
			"./shared/inventory", "Hanging|Duplicate",
		},
		{
			"inventory: stock never goes below zero", "shared/inventory/move.go",
			"here.And(expression.Name(onHand).GreaterThanEqual(expression.Value(q)))", "here",
			"./shared/inventory", "Reserve",
		},
		{
			"inventory: a repeated count changes nothing", "shared/inventory/entry.go",
			"if e.Key == c.entry.Key {", "if false {",
			"./shared/inventory", "Repeated|FaultAtEveryChange",
		},
		{
			"inventory: a change keeps the entry of another one", "shared/inventory/entry.go",
			"Equal(expression.Value(old[0].Key))", "NotEqual(expression.Value(e.Key))",
			"./shared/inventory", "vertaken",
		},
		{
			"inventory: a count of a stale reading is not written", "shared/inventory/change.go",
			"condition.And(sameVersion)", "condition.And(sameVersion.Or(sameVersion.Not()))",
			"./shared/inventory", "vertaken",
		},
		{
			"inventory: a reservation ends once", "shared/inventory/confirmall.go",
			"b.key(), change, inState(isReserved))", "b.key(), change, inState(isReserved).Or(inState(isReserved).Not()))",
			"./shared/inventory", "Once|TestEveryInterleaving$|SagaThatEnds",
		},
		{
			"inventory: a shard that was merged takes nothing back", "shared/inventory/move.go",
			"of.SK), inLayout(of.Layout)", "of.SK), dynamo.Absent().Not()",
			"./shared/inventory", "InterleavingOfOneSKU",
		},
		{
			"inventory: a merge loses no sale of a shard", "shared/inventory/shard.go",
			".And(expression.Name(version).Equal(expression.Value(of.Version)))", "",
			"./shared/inventory", "InterleavingOfOneSKU",
		},
		{
			"inventory: a count replaces what the shards have too", "shared/inventory/change.go",
			"unchanged.And(inLayout(r.main.Layout))", "unchanged",
			"./shared/inventory", "InterleavingOfOneSKU",
		},
	}
}
