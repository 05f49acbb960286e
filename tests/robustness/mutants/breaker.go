package main

// breakerMutants are the guards around calls.
func breakerMutants() []mutant {
	const breaker, cloud = "shared/durable/breaker/", "shared/function/awsclient/"
	return []mutant{
		{
			"breaker: a late probe does not close what failed since", breaker + "permit.go",
			"b.update(ctx, change, \"generation = :g AND probe_owner = :me\", values)", "b.update(ctx, change, \"generation >= :g OR probe_owner = :me\", values)",
			"./shared/durable/breaker", "Dead|Operator",
		},
		{
			"breaker: one probe in the fleet", breaker + "permit.go",
			"AND (attribute_not_exists(probe_until) OR probe_until <= :now)", "AND (attribute_not_exists(probe_until) OR probe_until <= :now OR probe_until > :now)",
			"./shared/durable/breaker", "OneProbe",
		},
		{
			"breaker: few calls say nothing", breaker + "count.go",
			"return calls >= b.cfg.MinCalls && 100*failures", "return 100*failures",
			"./shared/durable/breaker", "Few",
		},
		{
			"breaker: a call counts in its own generation only", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"generation >= :g AND #s = :closed AND #w BETWEEN",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: nothing counts while it is open", breaker + "count.go",
			"\"generation = :g AND #s = :closed AND #w BETWEEN", "\"(generation = :g OR #s <> :closed) AND #w BETWEEN",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: what went well long ago does not outvote failures", breaker + "count.go",
			"\tif !b.stale() {", "\tif true {",
			"./shared/durable/breaker", "Outvote",
		},
		{
			"breaker: a clock ahead does not stop the counting", breaker + "count.go",
			"#w BETWEEN :w AND :far\"", "#w = :w AND #w <= :far\"",
			"./shared/durable/breaker", "ClockAhead",
		},
		{
			"breaker: a window of a wrong clock is left", breaker + "count.go",
			"OR #w < :w OR #w > :far)", "OR #w < :w OR (#w > :far AND #w < :w))",
			"./shared/durable/breaker", "WrongClock",
		},
		{
			"breaker: a hanging call counts while it hangs", breaker + "slow.go",
			"s.window, s.counted = p.b.failed(ctx, p.generation)", "_, s.window = ctx, p.b.window()",
			"./shared/durable/breaker", "Hang",
		},
		{
			"breaker: a slow success is taken back", breaker + "slow.go",
			"case ok && s.counted:", "case ok && !s.counted:",
			"./shared/durable/breaker", "SlowSuccess",
		},
		{
			"breaker: a slow failure is counted once", breaker + "slow.go",
			"case !ok && !s.counted:", "case !ok:",
			"./shared/durable/breaker", "SlowFailure",
		},
		{
			"breaker: a process has only so many calls under way", breaker + "permit.go",
			"if b.inFlight >= b.cfg.InFlight {", "if false {",
			"./shared/durable/breaker", "UnderWay",
		},
		{
			"breaker: an operator's word stands", breaker + "count.go",
			"|| b.seen.Forced {\n\t\tb.mu.Unlock()\n\t\treturn 0, false", "|| false {\n\t\tb.mu.Unlock()\n\t\treturn 0, false",
			"./shared/durable/breaker", "Forced",
		},
		{
			"breaker: an overtaken answer brings nothing back", breaker + "breaker.go",
			"if asked < b.answered {", "if false {",
			"./shared/durable/breaker", "Overtaken",
		},
		{
			"breaker: an unreadable state is believed for its time only", breaker + "breaker.go",
			"if s.Until <= b.ms() {", "if false {",
			"./shared/durable/breaker", "Unreadable",
		},
		{
			"breaker: a request's own timeout is not a failure of the inventory", "shared/issuance/reserve.go",
			"if answered || ctx.Err() == nil {", "if true {",
			"./shared/issuance", "OwnTime",
		},
		{
			"clock: set by the tables", cloud + "clock.go",
			"c.offset = min(max(c.offset, least), most)", "_, _ = least, most",
			"./shared/function/awsclient", "Clock",
		},
		{
			"retry: within a budget", cloud + "retry.go",
			"l.budget.GetToken(ctx, retryCost)", "l.budget.GetToken(ctx, 0)",
			"./shared/function/awsclient", "ATenth",
		},
		{
			"retry: a success is not refunded", cloud + "retry.go",
			"return func(error) error { return nil }, nil\n}\n\n// timeLeft",
			"return func(error) error { return r.of[serviceOf(ctx)].budget.AddTokens(retryCost) }, nil\n}\n\n// timeLeft",
			"./shared/function/awsclient", "NotRefunded",
		},
		{
			"retry: not past the time left", cloud + "retry.go",
			"case timeLeft(ctx) < minTimeLeft:", "case false:",
			"./shared/function/awsclient", "WithoutTime",
		},
		{
			"retry: a probe is one call", cloud + "retry.go",
			"case resilience.RetriesDisabled(ctx):", "case false:",
			"./shared/function/awsclient", "MadeOnce",
		},
		{
			"retry: each is counted", "shared/function/boot.go",
			"o.OnRetry, o.OnReject = telemetry.CountHook(metric.RetryAttempts), ", "o.OnReject = ",
			"./shared/function", "AttemptsAfterTheFirst",
		},
		{
			"traces: a share of what the platform samples", "shared/function/telemetry/carry.go",
			"c.TraceFlags.IsSampled() && recorder(ctx).sampled(c.TraceID)", "c.TraceFlags.IsSampled()",
			"./shared/function/telemetry", "KeepAShare",
		},
		{
			"call: ends with its timeout", cloud + "limiter.go",
			"context.WithTimeout(ctx, l.policy.Timeout)", "context.WithTimeout(ctx, time.Hour)",
			"./shared/function/awsclient", "EndsWith",
		},
		{
			"bulkhead: only so many calls in flight", cloud + "limiter.go",
			"make(chan struct{}, p.MaxInFlight)", "make(chan struct{}, 1000)",
			"./shared/function/awsclient", "TooMany",
		},
	}
}
