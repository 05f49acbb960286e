package main

// historyMutants are guards whose removal TestHistories must find, too.
func historyMutants() []mutant {
	const idempotency, saga = "shared/durable/idempotency/", "shared/durable/saga/"
	return []mutant{
		{
			"histories: a running claim is not overwritten", idempotency + "claim.go",
			"beside, expression.AttributeNotExists(expression.Name(\"pk\")))", "beside, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./tests/robustness/statemachine", "Histories",
		},
		{
			"histories: a compensation locks the key", saga + "finish.go",
			"return s.compensate(ctx, s.keys.Lock(o.Claim), o.Saga, t, reason)", "c := s.keys.Lock(o.Claim)\n\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n\treturn s.compensate(ctx, c, o.Saga, t, reason)",
			"./tests/robustness/statemachine", "Histories",
		},
		{
			"histories: a barrier is written once", "shared/inventory/barrier.go",
			"TableName: &s.cfg.Table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(pk)\"),", "TableName: &s.cfg.Table, Item: item,",
			"./tests/robustness/statemachine", "Histories",
		},
	}
}
