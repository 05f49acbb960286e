package main

// sagaMutants are the guards of a saga and of what it writes.
func sagaMutants() []mutant {
	const saga, invoice = "shared/durable/saga/", "shared/invoice/"
	return []mutant{
		{
			"saga: a compensation locks the key, so a late commit is refused", saga + "compensate.go",
			"return s.compensate(ctx, s.keys.Lock(b.Claim), b.Saga, run, reason)",
			"c := s.keys.Lock(b.Claim)\n" +
				"\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n" +
				"\treturn s.compensate(ctx, c, b.Saga, run, reason)",
			"./shared/issuance", "Stuck",
		},
		{
			"saga: a settlement names its redrive", saga + "settle.go",
			"if r.Redrive != redrive || r.State != r.running() {", "if r.State != r.running() {",
			"./shared/durable/saga", "Settle",
		},
		{
			"saga: an unknown result is compensated", saga + "run.go",
			"if s.Undo != \"\" && !IsRefusal(err) {", "if s.Undo != \"\" && err == nil {",
			"./shared/issuance", "Stuck|LateReserve",
		},
		{
			"saga: a compensation that owes more is not one's own", saga + "compensate.go",
			"slices.Equal(now.Pending, r.Pending)", "slices.Equal(now.Pending, now.Pending)",
			"./shared/durable/saga", "ForRecovery",
		},
		{
			"saga: the breaker does not abort what a former owner may have reserved", "shared/issuance/reserve.go",
			"if err != nil && a.begun.Claim.Resumed {", "if false {",
			"./shared/issuance", "DoesNotForget",
		},
		{
			"saga: the refusal of a former owner is not the answer", "shared/issuance/attempt.go",
			"return Result{}, err // the refusal of a former owner is not the key's answer", "return Result{}, failure",
			"./shared/issuance", "StalledReserve",
		},
		{
			"saga: an open saga is due", saga + "begin.go",
			"BegunAt: now.UnixMilli(), DueShard: s.shardOf(Begun, keyHash), Due: now.Add(deadline).UnixMilli(),",
			"BegunAt: now.UnixMilli(),",
			"./shared/issuance", "CrashAnywhere",
		},
		{
			"commit: a lost reply is looked up", "shared/issuance/decision.go",
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
			"delete: only the invoice of a saga that is being compensated", invoice + "delete.go",
			"{ConditionCheck: compensating}, ", "",
			"./shared/issuance", "Delete",
		},
		{
			"recovery: a former leader moves nothing", saga + "recover.go",
			"return c.And(s.lease.Condition(leaderFence)).Set(leaderFence, s.lease.Fence)",
			"return c.Set(leaderFence, s.lease.Fence)",
			"./shared/durable/saga", "FormerLeader",
		},
		{
			"recovery: the next run redrives a saga that has become stuck", saga + "recover.go",
			"if redrive == 0 {", "if redrive < 0 {",
			"./shared/durable/saga", "WaitLongerEachTime",
		},
		{
			"recovery: a running compensation is not overtaken", saga + "execution.go",
			"e.Sagas.now().Add(step.ExecutionTimeout)", "e.Sagas.now().Add(step.ExecutionTimeout / 12)",
			"./shared/durable/saga", "Overtaken",
		},
		{
			"recovery: a lost compensation is restarted soon", saga + "recover.go",
			"s.now().Add(s.cfg.StartTimeout)", "s.now().Add(max(s.cfg.StartTimeout, redriveWait(r.Redrive)/2))",
			"./shared/durable/saga", "LostCompensation",
		},
		{
			"recovery: redrives wait longer each time", saga + "recover.go",
			"for range min(n, 12) {", "for range min(n, 1) {",
			"./shared/durable/saga", "WaitLongerEachTime",
		},
		{
			"recovery: a saga that could not be moved is tried by the next run", "functions/recover-sagas/handler.go",
			"retryAfter = 30 * time.Second", "retryAfter = time.Minute",
			"./functions/recover-sagas", "Starve",
		},
		{
			"recovery: it ends before its time, so that it measures", "functions/recover-sagas/handler.go",
			"deadline.Add(-reserve)", "deadline",
			"./functions/recover-sagas", "EndsBeforeItsTime",
		},
		{
			"recovery: it measures first", "functions/recover-sagas/handler.go",
			"ctx context.Context) error {\n\th.measure(ctx)\n", "ctx context.Context) error {\n",
			"./functions/recover-sagas", "SentBeforeAnything",
		},
		{
			"recovery: a backlog of audits hides no failed saga", saga + "shard.go",
			"set, n := setOf(state), sideShards", "set, n := openSet, sideShards",
			"./shared/durable/saga", "Backlog",
		},
		{
			"recovery: shards of other settings are read", saga + "shard.go",
			"max(s.cfg.DueShards, defaultDueShards)", "s.cfg.DueShards",
			"./shared/durable/saga", "EverySetting",
		},
		{
			"audit: a request that overtakes its commit comes again", "functions/log-audit/batch.go",
			"if r.State == saga.Begun && r.LeaseUntil > b.began.UnixMilli() {", "if false {",
			"./functions/log-audit", "Overtakes",
		},
		{
			"series: a former holder of the lock takes nothing over", invoice + "series.go",
			"case row.Fence > lease.Fence:", "case row.Fence < 0:",
			"./shared/issuance", "FrozenTakeOver",
		},
		{
			"series: what waits is committed together", "shared/issuance/group.go",
			"maxGroup = 25 // members", "maxGroup = 1",
			"./shared/issuance", "CommittedTogether",
		},
		{
			"series: a number of the client ends a group before it", "shared/issuance/writer.go",
			"w.limit = taken // the others are the first ones of the next transaction", "w.skipTaken(ctx, g)",
			"./shared/issuance", "NumberOfTheClient",
		},
		{
			"series: a busy one is asked for its turn", "shared/issuance/writer.go",
			"if len(members) > 1 || w.busy {", "if false {",
			"./shared/issuance", "TheCeiling|WaitsForItsTurn",
		},
		{
			"breaker: an open one leaves no record", "shared/issuance/reserve.go",
			"if open == nil {", "if true {",
			"./shared/issuance", "OpenBreaker",
		},
		{
			"key: a replay of a large answer is a read", "shared/durable/idempotency/claim.go",
			"if attrs.ReadFirst {", "if false {",
			"./shared/issuance", "ReplayOfALarge",
		},
		{
			"saga: a completion is notified by the write that made it", saga + "complete.go",
			"slices.Equal(now.Steps, r.Steps)", "slices.Equal(now.Steps, now.Steps)",
			"./shared/durable/saga", "NotifiedOnce",
		},
	}
}
