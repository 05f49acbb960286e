package main

// limitMutants are the guards of the rate limits.
func limitMutants() []mutant {
	const limit, pkg = "shared/durable/limit/", "./shared/durable/limit"
	return []mutant{
		{
			"limit: a process refuses by itself", limit + "account.go",
			"early > 0", "early > time.Hour", pkg, "Burst|Exact",
		},
		{
			"limit: processes learn from each other", limit + "account.go",
			"tat.After(a.tat)", "false && tat.After(a.tat)", pkg, "LeftSettlement|TestFleet",
		},
		{
			"limit: a process does not forget what it has not settled", limit + "account.go",
			"s.TAT.Add(time.Duration(a.owed) * a.rate.each())", "s.TAT", pkg, "OwedDuring",
		},
		{
			"limit: four settlements a second", limit + "account.go",
			"now.Add(interval)", "now", pkg, "FourTimes",
		},
		{
			"limit: few requests are settled together", limit + "account.go",
			"few && !a.fleet.IsZero()", "few && false", pkg, "FewRequests",
		},
		{
			"limit: one settlement at a time", limit + "account.go",
			"!a.settling && (", "(", pkg, "LeftSettlement",
		},
		{
			"limit: what was not settled is owed", limit + "account.go",
			"a.owed+a.charged, a.from", "a.owed, a.since", pkg, "IsOwed",
		},
		{
			"limit: an outage is not charged to a merchant below its rate", limit + "account.go",
			"late > 0", "false", pkg, "IsOwed|NotCharged",
		},
		{
			"limit: the table is left alone for a second after a failure", limit + "account.go",
			"now.Add(afterFailure)", "now.Add(interval)", pkg, "LimitsAlone",
		},
		{
			"limit: a process whose clock was set back settles", limit + "account.go",
			"|| a.next.Sub(now) > afterFailure", "", pkg, "WrongClock",
		},
		{
			"limit: a time in the future is not charged from", limit + "account.go",
			"a.since.After(now)", "false", pkg, "WrongClock",
		},
		{
			"limit: no process refuses for hours", limit + "account.go",
			" || a.tat.Sub(now) > implausible", "", pkg, "WrongClock",
		},
		{
			"limit: a TAT that no correct clock set starts again", limit + "settle.go",
			"return tat.Before(c.floor()) || tat.After(c.Now.Add(implausible))", "return tat.Before(c.floor())",
			pkg, "Formula",
		},
		{
			"limit: a flood is forgiven in part", limit + "settle.go",
			"tat.Between(floor, expression.Value(c.Limit.UnixNano()))", "tat.GreaterThanEqual(floor)", pkg, "Formula",
		},
		{
			"limit: a TAT that has passed starts again", limit + "settle.go",
			"tat.Between(floor, expression", "tat.Between(expression.Value(0), expression", pkg, "Formula",
		},
		{
			"limit: a TAT that lies ahead does not start again", limit + "settle.go",
			"tat.LessThan(floor)", "tat.GreaterThan(expression.Value(0))", pkg, "Formula",
		},
		{
			"limit: an answer waits for 100 ms at most", limit + "limiter.go",
			"case <-timer.C:", "", pkg, "JoinWaits",
		},
		{
			"limit: a settlement outlives its request", limit + "limiter.go",
			"context.WithoutCancel(ctx)", "ctx", pkg, "JoinWaits",
		},
		{
			"limit: memory is bounded", limit + "limiter.go",
			"len(l.accounts) >= maxKeys", "false", pkg, "Memory",
		},
		{
			"limit: an item with a rate of its own does not end", limit + "settle.go",
			"expression.IfNotExists(expression.Name(attrKeepUntil), ttl)", "ttl", pkg, "OverrideLasts",
		},
		{
			"limit: a late change does not undo a later one", limit + "override.go",
			".Or(at.LessThanEqual(now))", ".Or(expression.AttributeExists(at))", pkg, "LateChange",
		},
		{
			"limit: a rate has bounds", limit + "override.go",
			"err := r.Validate(); err != nil", "err := r.Validate(); false && err != nil", pkg, "SetRateRefuses",
		},
	}
}
