package main

// sagaMutants are the guards of a saga and of what it writes.
func sagaMutants() []mutant {
	const saga, invoice = "shared/durable/saga/", "shared/invoice/"
	return []mutant{
		{
			"saga: undoing holds the key, so a late commit is refused", saga + "finish.go",
			"return s.compensate(ctx, s.keys.Lock(o.Claim), o.Saga, t, reason)", "c := s.keys.Lock(o.Claim)\n\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n\treturn s.compensate(ctx, c, o.Saga, t, reason)",
			"./shared/issuance", "Stuck",
		},
		{
			"saga: a settlement names its redrive", saga + "finish.go",
			"if r.Redrive != redrive || r.State != Compensating {", "if r.State != Compensating {",
			"./shared/durable/saga", "Settle",
		},
		{
			"saga: an unknown result is compensated", saga + "run.go",
			"if s.Undo != \"\" && !IsRefusal(err) {", "if s.Undo != \"\" && err == nil {",
			"./shared/issuance", "Stuck|LateReserve",
		},
		{
			"saga: an undoing that owes more is not one's own", saga + "finish.go",
			" && slices.Equal(now.Pending, r.Pending)", "",
			"./shared/durable/saga", "InTheName",
		},
		{
			"saga: the breaker does not abort what a former owner may have reserved", "shared/issuance/issuer.go",
			"if err != nil && j.opened.Claim.Resumed {", "if false {",
			"./shared/issuance", "DoesNotForget",
		},
		{
			"saga: what a former owner was refused is not the answer", "shared/issuance/issuer.go",
			"return Result{}, err // what a former owner was refused is not the key's answer", "return Result{}, problem",
			"./shared/issuance", "StalledReserve",
		},
		{
			"saga: what is due is found", saga + "store.go",
			"BegunAt: now.UnixMilli(), DueShard: shardOf(root), Due: now.Add(deadline).UnixMilli(),", "BegunAt: now.UnixMilli(),",
			"./shared/issuance", "CrashAnywhere",
		},
		{
			"commit: a lost reply is looked up", "shared/issuance/commit.go",
			"if dynamo.OutcomeUnknown(err) && ctx.Err() == nil {", "if false {",
			"./shared/issuance", "EveryWrite",
		},
		{
			"commit: numbers are unique", invoice + "store.go",
			"dynamo.TransactPut(s.table, item, dynamo.Absent())",
			"dynamo.TransactPut(s.table, item, dynamo.Absent().Or(ofSaga(\"\").Not()))",
			"./shared/issuance", "NumberTaken",
		},
		{
			"commit: numbers are compared without case", invoice + "number.go",
			"\"#\" + strings.ToUpper(number)", "\"#\" + strings.TrimSpace(number)",
			"./shared/issuance", "NumberTaken",
		},
		{
			"delete: only what is being undone", invoice + "delete.go",
			"{ConditionCheck: compensating}, ", "",
			"./shared/issuance", "Delete",
		},
		{
			"recovery: a former leader moves nothing", saga + "recover.go",
			"return c.And(s.lead.Condition(ledBy)).Set(ledBy, s.lead.Fence)", "return c.Set(ledBy, s.lead.Fence)",
			"./shared/durable/saga", "FormerLeader",
		},
		{
			"recovery: its next look redrives what has become stuck", saga + "recover.go",
			"if redrive == 0 {", "if redrive < 0 {",
			"./shared/durable/saga", "WaitLongerEachTime",
		},
		{
			"recovery: what is stuck for long is left alone for longer", saga + "recover.go",
			"for range min(n, 12) {", "for range min(n, 1) {",
			"./shared/durable/saga", "WaitLongerEachTime",
		},
		{
			"recovery: what could not be moved is tried by the next run", "functions/recover-sagas/handler.go",
			"h.now().Add(30*time.Second)", "h.now().Add(time.Minute)",
			"./functions/recover-sagas", "Starve",
		},
		{
			"series: a former holder of the lock hands nothing over", invoice + "series.go",
			"case row.Fence > lease.Fence:", "case row.Fence < 0:",
			"./shared/issuance", "FrozenHandOver",
		},
		{
			"saga: a completion is told by whoever's write it was", saga + "finish.go",
			"ours = now.SagaID == sagaID && slices.Equal(now.Steps, r.Steps)", "ours = now.SagaID == sagaID",
			"./shared/durable/saga", "ToldOnce",
		},
	}
}
