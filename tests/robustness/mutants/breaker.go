package main

// breakerMutants are the guards around calls.
func breakerMutants() []mutant {
	const breaker, cloud = "shared/durable/breaker/", "shared/function/awsclient/"
	return []mutant{
		{
			"breaker: a late probe does not close a breaker that has opened again", breaker + "permit.go",
			"b.update(ctx, change, \"generation = :g AND probe_owner = :me\", values)", "b.update(ctx, change, \"generation >= :g OR probe_owner = :me\", values)",
			"./shared/durable/breaker", "Dead|Operator",
		},
		{
			"breaker: the fleet sends one probe", breaker + "permit.go",
			"AND (attribute_not_exists(probe_until) OR probe_until <= :now)", "AND (attribute_not_exists(probe_until) OR probe_until <= :now OR probe_until > :now)",
			"./shared/durable/breaker", "OneProbe",
		},
		{
			"breaker: fewer than MinCalls do not open it", breaker + "count.go",
			"return calls >= b.cfg.MinCalls && 100*failures", "return 100*failures",
			"./shared/durable/breaker", "Few",
		},
		{
			"breaker: a call counts only in its own generation", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"generation >= :g AND #s = :closed AND #w BETWEEN",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: no call counts while it is open", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"(generation = :g OR #s <> :closed) AND #w BETWEEN",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: old successes do not outvote failures", breaker + "count.go",
			"\tif !b.stale() {", "\tif true {",
			"./shared/durable/breaker", "Outvote",
		},
		{
			"breaker: a clock ahead does not stop counting", breaker + "count.go",
			"#w BETWEEN :w AND :far\"", "#w = :w AND #w <= :far\"",
			"./shared/durable/breaker", "ClockAhead",
		},
		{
			"breaker: a window of a wrong clock is abandoned", breaker + "count.go",
			"OR #w < :w OR #w > :far)", "OR #w < :w OR (#w > :far AND #w < :w))",
			"./shared/durable/breaker", "WrongClock",
		},
		{
			"breaker: a hanging call counts while it hangs", breaker + "slow.go",
			"s.window, s.counted = p.b.failed(ctx, p.generation)", "_, s.window = ctx, p.b.window()",
			"./shared/durable/breaker", "Hang",
		},
		{
			"breaker: a slow success is no longer counted as a failure", breaker + "slow.go",
			"case ok && s.counted:", "case ok && !s.counted:",
			"./shared/durable/breaker", "SlowSuccess",
		},
		{
			"breaker: a slow failure is counted once", breaker + "slow.go",
			"case !ok && !s.counted:", "case !ok:",
			"./shared/durable/breaker", "SlowFailure",
		},
		{
			"breaker: a process has at most InFlight calls in flight", breaker + "permit.go",
			"if b.inFlight >= b.cfg.InFlight {", "if false {",
			"./shared/durable/breaker", "UnderWay",
		},
		{
			"breaker: a forced state stays", breaker + "count.go",
			"|| b.seen.Forced {\n\t\tb.mu.Unlock()\n\t\treturn 0, false", "|| false {\n\t\tb.mu.Unlock()\n\t\treturn 0, false",
			"./shared/durable/breaker", "Forced",
		},
		{
			"breaker: a stale read does not overwrite a newer state", breaker + "breaker.go",
			"if asked < b.answered {", "if false {",
			"./shared/durable/breaker", "Overtaken",
		},
		{
			"breaker: an open state that cannot be read expires", breaker + "breaker.go",
			"if s.Until <= b.ms() {", "if false {",
			"./shared/durable/breaker", "Unreadable",
		},
		{
			"breaker: a request's own timeout is not a failure of the inventory", "shared/issuance/issuer.go",
			"if answered || ctx.Err() == nil {", "if true {",
			"./shared/issuance", "OwnTime",
		},
		{
			"clock: DynamoDB's response sets it", cloud + "clock.go",
			"c.offset = min(max(c.offset, least), most)", "_, _ = least, most",
			"./shared/function/awsclient", "Clock",
		},
		{
			"retry: the budget bounds retries", "shared/resilience/budget.go",
			"if b.spent+perRetry > reserve {", "if false {",
			"./shared/function/awsclient", "ATenth",
		},
		{
			"retry: none without enough time left", cloud + "retry.go",
			"case timeLeft(ctx) < worthTrying:", "case false:",
			"./shared/function/awsclient", "WithoutTime",
		},
		{
			"retry: a probe is not retried", cloud + "retry.go",
			"case resilience.RetriesDisabled(ctx):", "case false:",
			"./shared/function/awsclient", "MadeOnce",
		},
		{
			"retry: each attempt is counted", "shared/function/boot.go",
			"o.OnRetry, o.OnReject = telemetry.CountHook(metric.RetryAttempts), ", "o.OnReject = ",
			"./shared/function", "AttemptsAfterTheFirst",
		},
		{
			"traces: only a share of the sampled traces is kept", "shared/function/telemetry/carry.go",
			"c.TraceFlags.IsSampled() && recorder(ctx).sampled(c.TraceID)", "c.TraceFlags.IsSampled()",
			"./shared/function/telemetry", "KeepAShare",
		},
		{
			"call: it ends at its timeout", cloud + "guard.go",
			"context.WithTimeout(ctx, of.policy.Timeout)", "context.WithTimeout(ctx, time.Hour)",
			"./shared/function/awsclient", "EndsWith",
		},
		{
			"call: in-flight calls are bounded", cloud + "guard.go",
			"uint(max(p.InFlight, 1))", "uint(max(p.InFlight, 1000))",
			"./shared/function/awsclient", "TooMany",
		},
	}
}
