package main

// operatorMutants are the guards of what an operator does.
func operatorMutants() []mutant {
	const operations, tests = "shared/operations/", "./shared/operations"
	return []mutant{
		{
			"operator: a dead letter is deleted once it was sent or dropped", operations + "drop.go",
			"err := act(q, m)\n\t\tif err == nil {\n\t\t\t_, err = deletes.Do(ctx, *m.ReceiptHandle)\n\t\t}",
			"_, err := deletes.Do(ctx, *m.ReceiptHandle)\n\t\terr = errors.Join(err, act(q, m))",
			tests, "Fault|AsksFirst|Many",
		},
		{
			"operator: a dead letter that comes back is not redriven again", operations + "drain.go",
			"if sentAt(m).Before(d.began) {", "if true {",
			tests, "ComeBack",
		},
		{
			"operator: messages that fail again end a redrive", operations + "drain.go",
			"len(d.failed) < maxFailures && d.arrivals < maxArrivals", "len(d.failed) < maxFailures",
			tests, "FailAgain",
		},
		{
			"operator: a batch fits SQS", operations + "redrive.go",
			"size+len(letters[to].body) <= queue.MaxMessage", "true",
			tests, "BatchesFit",
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
