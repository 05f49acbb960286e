package main

// historyMutants are guards that random histories must miss, too.
func historyMutants() []mutant {
	const idempotency, saga = "shared/durable/idempotency/", "shared/durable/saga/"
	return []mutant{
		{
			"histories: a running claim is not overwritten", idempotency + "claim.go",
			"beside, expression.AttributeNotExists(expression.Name(\"pk\")))", "beside, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./tests/robustness/statemachine", "Histories",
		},
		{
			"histories: undoing holds the key", saga + "finish.go",
			"return s.compensate(ctx, s.keys.Lock(o.Claim), o.Saga, t, reason)", "c := s.keys.Lock(o.Claim)\n\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n\treturn s.compensate(ctx, c, o.Saga, t, reason)",
			"./tests/robustness/statemachine", "Histories",
		},
		{
			"histories: a barrier is written once", "shared/inventory/barrier.go",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent())",
			"dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent().Or(inState(\"\").Not()))",
			"./tests/robustness/statemachine", "Histories",
		},
	}
}
