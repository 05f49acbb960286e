package main

// breakerMutants are the guards around calls.
func breakerMutants() []mutant {
	const breaker, cloud = "shared/durable/breaker/", "shared/function/awsclient/"
	return []mutant{
		{
			"breaker: a late probe does not close a later generation", breaker + "permit.go",
			"equal(attrGeneration, p.generation).And(equal(attrProbeOwner, p.probe))",
			"expression.Name(attrGeneration).GreaterThanEqual(expression.Value(p.generation))" +
				".Or(equal(attrProbeOwner, p.probe))",
			"./shared/durable/breaker", "Dead|Operator",
		},
		{
			"breaker: one probe in the fleet", breaker + "permit.go",
			"LessThanEqual(expression.Value(now)))\n\t_, err", "GreaterThan(expression.Value(0)))\n\t_, err",
			"./shared/durable/breaker", "OneProbe",
		},
		{
			"breaker: few calls do not open", breaker + "count.go",
			"return calls >= b.cfg.MinCalls && 100*failures", "return 100*failures",
			"./shared/durable/breaker", "Few",
		},
		{
			"breaker: a call counts in its own generation only", breaker + "count.go",
			"closedIn(gen).And(expression.Name(attrWindow)",
			"expression.Name(attrGeneration).GreaterThanEqual(expression.Value(gen)).And(equal(attrState, Closed))" +
				".And(expression.Name(attrWindow)",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: nothing counts while it is open", breaker + "count.go",
			"closedIn(gen).And(expression.Name(attrWindow)",
			"equal(attrGeneration, gen).Or(expression.Name(attrState).NotEqual(expression.Value(Closed)))" +
				".And(expression.Name(attrWindow)",
			"./shared/durable/breaker", "LateResults",
		},
		{
			"breaker: old successes do not outvote failures", breaker + "count.go",
			"\tif !b.countIsOld() {", "\tif true {",
			"./shared/durable/breaker", "Outvote",
		},
		{
			"breaker: a clock ahead does not stop the counting", breaker + "count.go",
			"Between(expression.Value(current), expression.Value(b.maxWindow(current)))",
			"Equal(expression.Value(current))",
			"./shared/durable/breaker", "ClockAhead",
		},
		{
			"breaker: a window of a wrong clock is replaced", breaker + "count.go",
			"GreaterThan(expression.Value(b.maxWindow(current)))", "LessThan(expression.Value(current))",
			"./shared/durable/breaker", "WrongClock",
		},
		{
			"breaker: a hanging call counts while it hangs", breaker + "slow.go",
			"s.window, s.counted = p.b.countFailure(ctx, p.generation)", "_, s.window = ctx, p.b.currentWindow()",
			"./shared/durable/breaker", "Hang",
		},
		{
			"breaker: a slow success is subtracted", breaker + "slow.go",
			"case ok && s.counted:", "case ok && !s.counted:",
			"./shared/durable/breaker", "SlowSuccess",
		},
		{
			"breaker: a slow failure is counted once", breaker + "slow.go",
			"case !ok && !s.counted:", "case !ok:",
			"./shared/durable/breaker", "SlowFailure",
		},
		{
			"breaker: calls in flight are limited", breaker + "permit.go",
			"if b.inFlight >= b.cfg.InFlight {", "if false {",
			"./shared/durable/breaker", "InFlight",
		},
		{
			"breaker: a forced state counts no calls", breaker + "count.go",
			"|| b.cached.Forced {\n\t\tb.mu.Unlock()\n\t\treturn 0, false",
			"|| false {\n\t\tb.mu.Unlock()\n\t\treturn 0, false",
			"./shared/durable/breaker", "Forced",
		},
		{
			"breaker: an overtaken read does not replace a newer state", breaker + "breaker.go",
			"if call < b.lastApplied {", "if false {",
			"./shared/durable/breaker", "Overtaken",
		},
		{
			"breaker: an unreadable state stays open for its time only", breaker + "breaker.go",
			"if s.Until <= b.ms() {", "if false {",
			"./shared/durable/breaker", "Unreadable",
		},
		{
			"breaker: a request's own timeout is not a failure of the inventory", "shared/issuance/reserve.go",
			"case ctx.Err() == nil: // else the request's own time ran out", "default:",
			"./shared/issuance", "OwnTimeout",
		},
		{
			"clock: DynamoDB's response sets it", cloud + "clock.go",
			"c.offset = min(max(c.offset, least), most)", "_, _ = least, most",
			"./shared/function/awsclient", "Clock",
		},
		{
			"retry: the budget bounds retries", cloud + "retry.go",
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
			"retry: none without enough time left", cloud + "retry.go",
			"case timeLeft(ctx) < minTimeLeft:", "case false:",
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
			"./shared/function/telemetry", "AShareIsKept",
		},
		{
			"call: it ends at its timeout", cloud + "limiter.go",
			"context.WithTimeout(ctx, l.policy.Timeout)", "context.WithTimeout(ctx, time.Hour)",
			"./shared/function/awsclient", "EndsWith",
		},
		{
			"bulkhead: in-flight calls are bounded", cloud + "limiter.go",
			"make(chan struct{}, p.MaxInFlight)", "make(chan struct{}, 1000)",
			"./shared/function/awsclient", "TooMany",
		},
	}
}
