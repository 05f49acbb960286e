package main

// operatorMutants are the guards of what an operator does.
func operatorMutants() []mutant {
	const operations, tests = "shared/operations/", "./shared/operations"
	return []mutant{
		{
			"operator: a dead letter is deleted once it was sent or dropped", operations + "drop.go",
			"err := act(q, m)\n\t\tif err == nil {\n\t\t\terr = s.delete(ctx, q, m)\n\t\t}",
			"err := errors.Join(s.delete(ctx, q, m), act(q, m))",
			tests, "Fault|AsksFirst",
		},
		{
			"operator: a dead letter that comes back is not redriven again", operations + "redrive.go",
			"if sent[*m.Body] {", "if false {",
			tests, "ComeBack",
		},
		{
			"operator: dead letters that stay can be seen again", operations + "walk.go",
			"defer func() { s.release(ctx, q, held) }()", "",
			tests, "StayVisible|HidesNothing|OneLetter",
		},
		{
			"operator: an interrupted command hides no dead letter", operations + "walk.go",
			"context.WithoutCancel(ctx)", "ctx",
			tests, "HidesNothing",
		},
		{
			"operator: no command takes effect without its entry", operations + "act.go",
			"return s.Acts.Record(ctx, act)", "_ = s.Acts.Record(ctx, act)\n\treturn nil",
			tests, "WithoutItsEntry|AfterTheirEntry",
		},
		{
			"operator: a dead letter's act has one entry", operations + "drop.go",
			"ID: events.ActID(action, q.Name, *m.MessageId), Action", "Action", tests, "AfterTheirEntry",
		},
		{
			"saga: one that gets stuck needs no audit log", "functions/settle-saga/handler.go",
			"h.recordStuck(ctx, r)\n", "h.recordStuck(ctx, r)\n\t\treturn nil, nil\n",
			"./functions/settle-saga", "StuckSagasAreActs",
		},
		{
			"operator: a reason shows nothing that it quotes", operations + "reason.go",
			"quoted.ReplaceAllString(reason, `\"…\"`)", "reason",
			tests, "QuoteNoBody",
		},
	}
}
