package main

// erasureMutants are the guards around erasures, holds and the laws that they follow.
func erasureMutants() []mutant {
	const erasure, pkg = "shared/erasure/", "./shared/erasure"
	return []mutant{
		{
			"erasure: a hold that came first stops it", erasure + "store.go",
			"return dynamo.Absent()\n", "return dynamo.Absent().Or(expression.Name(\"pk\").AttributeExists())\n", pkg,
			"ErasureAgainstHold",
		},
		{
			"erasure: no effect lacks its entry", erasure + "erase.go",
			"eraseAct(r, after)); err != nil {", "eraseAct(r, after)); err != nil && false {",
			pkg, "NoEffectWithoutAnAct",
		},
		{
			"erasure: asking twice gives one answer", erasure + "erase.go",
			"if before.Version > 0 && len(states) == 0 {", "if false {", pkg, "AskingTwice",
		},
		{
			"hold: it postpones what is due later", erasure + "puthold.go",
			"return kept, s.settle(ctx, merchant)", "return kept, nil", pkg, "Postpones",
		},
		{
			"hold: its end lets an erasure be due again", erasure + "puthold.go",
			"return s.settle(ctx, merchant)\n}\n\nfunc (s *Store) tryLift", "return nil\n}\n\nfunc (s *Store) tryLift", pkg,
			"LiftedLate",
		},
		{
			"erasure: it is finished once its time has come", erasure + "finish.go",
			"s.listedBefore(ctx, s.Now().Add(time.Millisecond))", "s.listedBefore(ctx, s.Now().AddDate(1, 0, 0))", pkg,
			"TestFinish$",
		},
		{
			"erasure: what a hold postpones is not due", erasure + "settle.go",
			"pending, s.unlist(before.listed()), listed}", "pending, listed}", pkg, "Overdue",
		},
		{
			"key: another key of the buyer stays", "shared/privacy/end.go",
			`return expression.Name("key_id").Equal(expression.Value(keyID)).`,
			`return expression.Name("key_id").NotEqual(expression.Value("x" + keyID)).`, "./shared/privacy", "EndKey",
		},
		{
			"law: the minimum year begins with its day", "shared/retention/erase.go",
			"gst.DayInIndia(asked) < MinimumYear", "gst.DayInIndia(asked) <= MinimumYear", "./shared/retention", "Effective",
		},
		{
			"law: a company keeps for eight years", "shared/retention/keep.go",
			"until > kept.Until", `kept.Until == ""`, "./shared/retention", "Keep",
		},
	}
}
