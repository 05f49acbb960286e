package main

// historyMutants are guards whose removal TestHistories must find, too.
func historyMutants() []mutant {
	const idempotency, saga = "shared/durable/idempotency/", "shared/durable/saga/"
	return []mutant{
		{
			"histories: a running claim is not overwritten", idempotency + "claim.go",
			"attrs.New, expression.AttributeNotExists(expression.Name(\"pk\")))",
			"attrs.New, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./tests/robustness/statemachine", "Histories",
		},
		{
			"histories: a compensation locks the key", saga + "compensate.go",
			"return s.compensate(ctx, s.keys.Lock(b.Claim), b.Saga, run, reason)",
			"c := s.keys.Lock(b.Claim)\n" +
				"\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n" +
				"\treturn s.compensate(ctx, c, b.Saga, run, reason)",
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
