package main

// mutants lists the guards. A guard that is added belongs here.
func mutants() []mutant {
	const idempotency, saga, invoice, audit, lock = "shared/idempotency/", "shared/saga/", "shared/invoice/", "shared/audit/", "shared/lock/"
	const breaker, cloud = "shared/breaker/", "shared/cloud/"
	return []mutant{
		{
			"key: a running claim is not overwritten", idempotency + "claim.go",
			"beside, expression.AttributeNotExists(expression.Name(\"pk\")))", "beside, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./shared/idempotency", "Busy|Replay|Mismatch",
		},
		{
			"key: an answer is replayed until it expires, and no longer", idempotency + "claim.go",
			"case r.KeyState == Free || r.expired(s.now()):", "case r.KeyState == Free:",
			"./shared/idempotency", "Expires",
		},
		{
			"key: a claim takes the record that it saw", idempotency + "claim.go",
			"beside, asSeen(f.Record))", "beside, expression.Name(\"key_state\").Equal(expression.Value(f.Record.KeyState)))",
			"./shared/idempotency", "LateCopy",
		},
		{
			"key: own write is recognised after a lost reply", idempotency + "claim.go",
			"case r.Owner == mine.Owner && r.KeyState == Open:", "case false:",
			"./shared/idempotency", "LostWrites",
		},
		{
			"key: owner token", idempotency + "claim.go",
			"return asSeen(Record{KeyState: Open, Owner: owner, Fence: fence})", "_, _ = owner, fence\n\treturn expression.Name(\"key_state\").Equal(expression.Value(Open))",
			"./shared/idempotency", "Late",
		},
		{
			"key: only open keys are completed", idempotency + "claim.go",
			"return asSeen(Record{KeyState: Open, Owner: owner, Fence: fence})", "return expression.Name(\"owner\").Equal(expression.Value(owner)).And(expression.Name(\"fence\").Equal(expression.Value(fence)))",
			"./shared/idempotency", "Held|Late",
		},
		{
			"key: a sweeper leaves a running lease alone", idempotency + "finish.go",
			"And(expression.Name(\"lease_until\").LessThanEqual(expression.Value(s.now().UnixMilli()))),", "And(expression.Name(\"lease_until\").GreaterThan(expression.Value(0))),",
			"./shared/idempotency", "Sweeper",
		},
		{
			"key: payload fingerprint", idempotency + "claim.go",
			"case r.Fingerprint != fingerprint:", "case false:",
			"./shared/idempotency", "Mismatch",
		},
		{
			"key: the lease ends before the caller's time", idempotency + "claim.go",
			"lease = max(0, min(lease, time.Until(deadline)-s.cfg.Margin))", "_ = deadline",
			"./shared/idempotency", "Lease",
		},
		{
			"saga: undoing holds the key, so a late commit is refused", saga + "finish.go",
			"return s.undo(ctx, s.keys.Hold(o.Claim), o.Saga, t, reason)", "c := s.keys.Hold(o.Claim)\n\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n\treturn s.undo(ctx, c, o.Saga, t, reason)",
			"./shared/invoice", "Stuck",
		},
		{
			"saga: a settlement names its redrive", saga + "finish.go",
			"if r.Redrive != redrive || r.State != Compensating {", "if r.State != Compensating {",
			"./shared/saga", "Settle",
		},
		{
			"saga: an unknown result is compensated", saga + "run.go",
			"if s.Undo != \"\" && !IsRefusal(err) {", "if s.Undo != \"\" && err == nil {",
			"./shared/invoice", "Stuck|LateReserve",
		},
		{
			"saga: an undoing that owes more is not one's own", saga + "finish.go",
			" && slices.Equal(now.Pending, r.Pending)", "",
			"./shared/saga", "InTheName",
		},
		{
			"saga: the breaker does not abort what a former owner may have reserved", invoice + "issuer.go",
			"if err != nil && j.opened.Claim.Resumed {", "if false {",
			"./shared/invoice", "DoesNotForget",
		},
		{
			"saga: what a former owner was refused is not the answer", invoice + "issuer.go",
			"return Answer{}, err // what a former owner was refused is not the key's answer", "return Answer{}, problem",
			"./shared/invoice", "StalledReserve",
		},
		{
			"saga: what is due is found", saga + "store.go",
			"BegunAt: now.UnixMilli(), DueShard: shardOf(root), Due: now.Add(deadline).UnixMilli(),", "BegunAt: now.UnixMilli(),",
			"./shared/invoice", "CrashAnywhere",
		},
		{
			"commit: a lost reply is looked up", invoice + "commit.go",
			"if dynamo.Unknown(err) && ctx.Err() == nil {", "if false {",
			"./shared/invoice", "EveryWrite",
		},
		{
			"commit: numbers are unique", invoice + "store.go",
			"TableName: &s.table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(pk)\"),", "TableName: &s.table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(nothing)\"),",
			"./shared/invoice", "NumberTaken",
		},
		{
			"commit: numbers are compared without case", invoice + "store.go",
			"\"#\" + strings.ToUpper(number)", "\"#\" + strings.TrimSpace(number)",
			"./shared/invoice", "NumberTaken",
		},
		{
			"delete: only what is being undone", invoice + "delete.go",
			"{ConditionCheck: held},", "",
			"./shared/invoice", "Delete",
		},
		{
			"key: an answer is kept while its audit is owed", idempotency + "record.go",
			"r.KeyState == Done && !r.Kept && r.ExpiresAt", "r.KeyState == Done && r.ExpiresAt",
			"./shared/invoice", "AnswerIsKept",
		},
		{
			"lock: a running lease is not taken", lock + "lock.go",
			"LessThanEqual(expression.Value(s.now().UnixMilli())))\n\t// A lock", "GreaterThan(expression.Value(0)))\n\t// A lock",
			"./shared/lock", "OneHolder|ManyContenders",
		},
		{
			"lock: an expired lease is taken over at once", lock + "lock.go",
			"Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().UnixMilli())))", "Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().Add(-s.cfg.Lease).UnixMilli())))",
			"./shared/lock", "InOneCall",
		},
		{
			"lock: the fence grows with every holder", lock + "lock.go",
			"expression.Value(s.now().UnixMilli())), expression.Value(1))", "expression.Value(s.now().UnixMilli())), expression.Value(0))",
			"./shared/lock", "OneHolder|Fence|Frozen",
		},
		{
			"lock: the fence outlives a deleted item", lock + "lock.go",
			"expression.IfNotExists(expression.Name(fence), expression.Value(s.now().UnixMilli()))", "expression.IfNotExists(expression.Name(fence), expression.Value(0))",
			"./shared/lock", "Deleted",
		},
		{
			"lock: own write is recognised after a lost reply", lock + "lock.go",
			"if err == nil || (dynamo.ConditionFailed(err) && ownerOf(item) == l.Owner) {", "if err == nil {",
			"./shared/lock", "LostWrites",
		},
		{
			"lock: only the holder renews and releases", lock + "item.go",
			"return expression.Name(owner).Equal(expression.Value(l.Owner)).\n\t\tAnd(expression.Name(fence).Equal(expression.Value(l.Fence)))", "return expression.Name(owner).NotEqual(expression.Value(\"\"))",
			"./shared/lock", "Holder",
		},
		{
			"lock: a former holder's write is refused", lock + "item.go",
			"Or(expression.Name(attr).LessThanEqual(expression.Value(l.Fence)))", "Or(expression.Name(attr).GreaterThan(expression.Value(0)))",
			"./shared/lock", "Frozen",
		},
		{
			"lock: the lease ends before the caller's time", lock + "lock.go",
			"lease = min(lease, time.Until(deadline)-s.cfg.Margin)", "lease = min(lease, lease+time.Until(deadline))",
			"./shared/lock", "CallersTime",
		},
		{
			"recovery: a former leader moves nothing", saga + "recover.go",
			"return c.And(s.lead.Condition(ledBy)).Set(ledBy, s.lead.Fence)", "return c.Set(ledBy, s.lead.Fence)",
			"./shared/saga", "FormerLeader",
		},
		{
			"series: a former holder of the lock hands nothing over", invoice + "series.go",
			"case row.Fence > lease.Fence:", "case row.Fence < 0:",
			"./shared/invoice", "FrozenHandOver",
		},
		{
			"optimistic: a write takes the version that was read", "shared/optimistic/optimistic.go",
			"same := expression.Name(t.Version).Equal(expression.Value(versionOf(read[t.Version])))", "same := expression.Name(t.Version).GreaterThan(expression.Value(-1))",
			"./shared/optimistic", "NoUpdateIsLost",
		},
		{
			"optimistic: own write is recognised after a lost reply", "shared/optimistic/optimistic.go",
			"if slices.Contains(tokens(item), token) {", "if slices.Contains(tokens(item), \"\") {",
			"./shared/optimistic", "LostReply|KnownAlthough",
		},
		{
			"audit: one entry a saga", audit + "log.go",
			"TableName: &l.table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(pk)\"),", "TableName: &l.table, Item: item,",
			"./shared/audit", "EachSaga|ManyWriters",
		},
		{
			"audit: the chain does not fork", audit + "log.go",
			"aws.String(\"seq_head = :from OR attribute_not_exists(pk)\")", "aws.String(\"attribute_exists(pk) OR attribute_not_exists(pk) OR seq_head = :from\")",
			"./shared/audit", "ManyWriters",
		},
		{
			"queue: the list of failures is never null", "shared/queue/queue.go",
			"BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}", "BatchItemFailures: nil",
			"./shared/queue", "Null|null",
		},
		{
			"queue: each message of a call has its own error", "shared/queue/bundle.go",
			"range out.Failed {", "range out.Failed[:0] {",
			"./shared/queue", "OwnError",
		},
		{
			"queue: a sender that gives up leaves the others' call alone", "shared/queue/bundle.go",
			"if g.waiting--; g.waiting == 0 {", "if true {",
			"./shared/queue", "GivesUp",
		},
		{
			"breaker: a late probe does not close what failed since", breaker + "permit.go",
			"b.update(ctx, change, \"generation = :g AND probe_owner = :me\", values)", "b.update(ctx, change, \"generation >= :g OR probe_owner = :me\", values)",
			"./shared/breaker", "Dead|Operator",
		},
		{
			"breaker: one probe in the fleet", breaker + "permit.go",
			"AND (attribute_not_exists(probe_until) OR probe_until <= :now)", "AND (attribute_not_exists(probe_until) OR probe_until <= :now OR probe_until > :now)",
			"./shared/breaker", "OneProbe",
		},
		{
			"breaker: few calls say nothing", breaker + "count.go",
			"return calls >= b.cfg.MinCalls && 100*failures", "return 100*failures",
			"./shared/breaker", "Few",
		},
		{
			"breaker: a call counts in its own generation only", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"generation >= :g AND #s = :closed AND #w BETWEEN",
			"./shared/breaker", "LateResults",
		},
		{
			"breaker: nothing counts while it is open", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"(generation = :g OR #s <> :closed) AND #w BETWEEN",
			"./shared/breaker", "LateResults",
		},
		{
			"breaker: what went well long ago does not outvote failures", breaker + "count.go",
			"\tif !b.stale() {", "\tif true {",
			"./shared/breaker", "Outvote",
		},
		{
			"breaker: a clock ahead does not stop the counting", breaker + "count.go",
			"#w BETWEEN :w AND :far\"", "#w = :w AND #w <= :far\"",
			"./shared/breaker", "ClockAhead",
		},
		{
			"breaker: a window of a wrong clock is left", breaker + "count.go",
			"OR #w < :w OR #w > :far)", "OR #w < :w OR (#w > :far AND #w < :w))",
			"./shared/breaker", "WrongClock",
		},
		{
			"breaker: a hanging call counts while it hangs", breaker + "slow.go",
			"s.window, s.counted = p.b.failed(ctx, p.generation)", "_, s.window = ctx, p.b.window()",
			"./shared/breaker", "Hang",
		},
		{
			"breaker: a slow success is taken back", breaker + "slow.go",
			"case ok && s.counted:", "case ok && !s.counted:",
			"./shared/breaker", "SlowSuccess",
		},
		{
			"breaker: a slow failure is counted once", breaker + "slow.go",
			"case !ok && !s.counted:", "case !ok:",
			"./shared/breaker", "SlowFailure",
		},
		{
			"breaker: a process has only so many calls under way", breaker + "permit.go",
			"if b.inFlight >= b.cfg.InFlight {", "if false {",
			"./shared/breaker", "UnderWay",
		},
		{
			"breaker: an operator's word stands", breaker + "count.go",
			"|| b.seen.Forced {\n\t\tb.mu.Unlock()\n\t\treturn 0, false", "|| false {\n\t\tb.mu.Unlock()\n\t\treturn 0, false",
			"./shared/breaker", "Forced",
		},
		{
			"breaker: an overtaken answer brings nothing back", breaker + "breaker.go",
			"if asked < b.answered {", "if false {",
			"./shared/breaker", "Overtaken",
		},
		{
			"breaker: an unreadable state is believed for its time only", breaker + "breaker.go",
			"if s.Until <= b.ms() {", "if false {",
			"./shared/breaker", "Unreadable",
		},
		{
			"breaker: a request's own time is not the inventory's fault", invoice + "issuer.go",
			"if answered || ctx.Err() == nil {", "if true {",
			"./shared/invoice", "OwnTime",
		},
		{
			"clock: set by the tables", cloud + "clock.go",
			"c.offset = min(max(c.offset, least), most)", "_, _ = least, most",
			"./shared/cloud", "Clock",
		},
		{
			"retry: within a budget", "shared/resilience/budget.go",
			"if b.spent+perRetry > reserve {", "if false {",
			"./shared/cloud", "ATenth",
		},
		{
			"retry: not past the time left", cloud + "retry.go",
			"case timeLeft(ctx) < worthTrying:", "case false:",
			"./shared/cloud", "WithoutTime",
		},
		{
			"retry: a probe is one call", cloud + "retry.go",
			"case resilience.IsOnce(ctx):", "case false:",
			"./shared/cloud", "MadeOnce",
		},
		{
			"call: ends with its timeout", cloud + "guard.go",
			"context.WithTimeout(ctx, of.policy.Timeout)", "context.WithTimeout(ctx, time.Hour)",
			"./shared/cloud", "EndsWith",
		},
		{
			"call: only so many under way", cloud + "guard.go",
			"uint(max(p.InFlight, 1))", "uint(max(p.InFlight, 1000))",
			"./shared/cloud", "TooMany",
		},
		{
			"inventory: a barrier is written once", "shared/inventory/barrier.go",
			"TableName: &s.cfg.Table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(pk)\"),", "TableName: &s.cfg.Table, Item: item,",
			"./shared/inventory", "Hanging|Duplicate",
		},
		{
			"inventory: stock never goes below zero", "shared/inventory/level.go",
			"aws.String(\"#from >= :q\")", "aws.String(\"#from >= :q OR #from < :q\")",
			"./shared/inventory", "Reserve",
		},
		{
			"inventory: a reservation ends once", "shared/inventory/settle.go",
			"aws.String(\"#state = :reserved\")", "aws.String(\"#state = :reserved OR #state <> :reserved\")",
			"./shared/inventory", "Once|Interleav|Concurren|Race",
		},
		{
			"histories: a running claim is not overwritten", idempotency + "claim.go",
			"beside, expression.AttributeNotExists(expression.Name(\"pk\")))", "beside, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./tests/histories", "Histories",
		},
		{
			"histories: undoing holds the key", saga + "finish.go",
			"return s.undo(ctx, s.keys.Hold(o.Claim), o.Saga, t, reason)", "c := s.keys.Hold(o.Claim)\n\tc.Update = expression.Set(expression.Name(\"held\"), expression.Value(true))\n\treturn s.undo(ctx, c, o.Saga, t, reason)",
			"./tests/histories", "Histories",
		},
		{
			"histories: a barrier is written once", "shared/inventory/barrier.go",
			"TableName: &s.cfg.Table, Item: item, ConditionExpression: aws.String(\"attribute_not_exists(pk)\"),", "TableName: &s.cfg.Table, Item: item,",
			"./tests/histories", "Histories",
		},
	}
}
