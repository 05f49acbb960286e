package main

// exportMutants are the guards of exports of what is known of a buyer.
func exportMutants() []mutant {
	const export, pkg = "shared/export/", "./shared/export"
	return []mutant{
		{
			"export: of two requests that work at once one counts", export + "work.go",
			`expression.Name("version").Equal(expression.Value(before.Version))`,
			`expression.Name("version").GreaterThan(expression.Value(0))`, pkg, "TwoWorkers",
		},
		{
			"export: a late file replaces no other", export + "work.go", "+1, rand.Text())", "+1, rand.Text()[:0])", pkg,
			"TwoWorkers",
		},
		{
			"export: no copy lacks its entry", export + "export.go",
			"s.Acts.Record(ctx, act); err != nil {", "s.Acts.Record(ctx, act); err != nil && false {", pkg, "WithoutAnAct",
		},
		{
			"export: its days end", export + "export.go", "if r.TTL <= s.Now().Unix() {", "if r.TTL == 0 {", pkg, "AskingTwice",
		},
	}
}
