package main

// lockMutants are the guards of locks and of optimistic updates.
func lockMutants() []mutant {
	const lock = "shared/durable/lock/"
	return []mutant{
		{
			"lock: a running lease is not taken", lock + "lock.go",
			"LessThanEqual(expression.Value(s.now().UnixMilli())))\n\t// The first",
			"GreaterThan(expression.Value(0)))\n\t// The first",
			"./shared/durable/lock", "OneHolder|ManyContenders",
		},
		{
			"lock: an expired lease is taken over at once", lock + "lock.go",
			"Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().UnixMilli())))",
			"Or(expression.Name(leaseUntil).LessThanEqual(expression.Value(s.now().Add(-s.cfg.Lease).UnixMilli())))",
			"./shared/durable/lock", "InOneCall",
		},
		{
			"lock: the fence grows with every holder", lock + "lock.go",
			"first), expression.Value(1))", "first), expression.Value(0))",
			"./shared/durable/lock", "OneHolder|Fence|Frozen",
		},
		{
			"lock: the fence outlives a deleted item", lock + "lock.go",
			"first := expression.Value(s.now().UnixMilli())", "first := expression.Value(0)",
			"./shared/durable/lock", "Deleted",
		},
		{
			"lock: an acquisition recognizes its own write after a lost reply", lock + "lock.go",
			"if err == nil || (dynamo.ConditionFailed(err) && ownerOf(item) == l.Owner) {", "if err == nil {",
			"./shared/durable/lock", "LostWrites",
		},
		{
			"lock: only the holder renews and releases", lock + "item.go",
			"return expression.Name(owner).Equal(expression.Value(l.Owner)).\n" +
				"\t\tAnd(expression.Name(fence).Equal(expression.Value(l.Fence)))",
			"return expression.Name(owner).NotEqual(expression.Value(\"\"))",
			"./shared/durable/lock", "Holder",
		},
		{
			"lock: a former holder's write is refused", lock + "item.go",
			"Or(expression.Name(attr).LessThanEqual(expression.Value(l.Fence)))",
			"Or(expression.Name(attr).GreaterThan(expression.Value(0)))",
			"./shared/durable/lock", "Frozen",
		},
		{
			"lock: the lease ends before the caller's deadline", lock + "lock.go",
			"lease = min(lease, time.Until(deadline)-s.cfg.Margin)", "lease = min(lease, lease+time.Until(deadline))",
			"./shared/durable/lock", "CallersTime",
		},
		{
			"lock: a panic releases the lock", lock + "withlock.go",
			"defer func() {\n\t\tstop(nil)",
			"defer func() {\n\t\tif p := recover(); p != nil {\n\t\t\tpanic(p)\n\t\t}\n\t\tstop(nil)",
			"./shared/durable/lock", "AfterAPanic",
		},
		{
			"optimistic: a write replaces the version that was read", "shared/durable/optimistic/optimistic.go",
			"unchanged := expression.Name(t.Version).Equal(expression.Value(versionOf(old[t.Version])))",
			"unchanged := expression.Name(t.Version).GreaterThan(expression.Value(-1))",
			"./shared/durable/optimistic", "NoUpdateIsLost",
		},
		{
			"optimistic: own write is recognised after a lost reply", "shared/durable/optimistic/optimistic.go",
			"if slices.Contains(tokens(item), token) {", "if slices.Contains(tokens(item), \"\") {",
			"./shared/durable/optimistic", "LostReply|Overtaken",
		},
	}
}
