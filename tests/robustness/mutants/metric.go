package main

// metricMutants are the guards of the fleet's metrics.
func metricMutants() []mutant {
	const collector, gauge, metrics = "tools/collector/collector/", "shared/operations/gauge/", "./tools/collector/collector"
	return []mutant{
		{
			"metrics: a line read twice is added once", collector + "collector.go",
			"if c.seen.has(b.ID) {\n\t\tc.count(", "if false {\n\t\tc.count(",
			metrics, "Lines",
		},
		{
			"metrics: a batch sent again after a lost response is added once", collector + "collector.go",
			"if c.seen.has(b.ID) {\n\t\treturn repeated", "if false {\n\t\treturn repeated",
			metrics, "LostAnswers|TestOTLP$",
		},
		{
			"metrics: an acknowledged batch is in the journal", collector + "collector.go",
			"if err := c.journal.keep(b); errors", "if err := error(nil); errors",
			metrics, "LostAnswers|TestOTLP$",
		},
		{
			"metrics: a batch that is not in the journal is not added", collector + "collector.go",
			"return failed, errNotKept", "_ = errNotKept",
			metrics, "CannotBeWritten",
		},
		{
			"metrics: a partial line of the journal is truncated", collector + "journal.go",
			"return j.cut() // half", "_, err := j.file.Seek(0, io.SeekEnd)\n\treturn err // half",
			metrics, "HalfALine",
		},
		{
			"metrics: a journal belongs to one process", collector + "journal.go",
			"syscall.LOCK_EX|syscall.LOCK_NB", "syscall.LOCK_SH|syscall.LOCK_NB",
			metrics, "OneProcess",
		},
		{
			"metrics: a batch older than the dedupe window is not added", collector + "collector.go",
			"if c.seen.forgotten(recorded, c.now()) {", "if false {",
			metrics, "Forgotten|IdsAreBounded",
		},
		{
			"metrics: a clock that goes back does not make new batches too old", collector + "seen.go",
			"if s.old.since.After(now) {", "if false {",
			metrics, "Forgotten",
		},
		{
			"metrics: a partial line of the log waits for its rest", collector + "tail.go",
			"case errors.Is(err, io.EOF):\n\t\t\treturn nil", "case errors.Is(err, io.EOF):\n\t\t\tt.at += int64(len(piece))\n\t\t\treturn nil",
			metrics, "Lines",
		},
		{
			"metrics: a replaced log is read from its beginning", collector + "tail.go",
			"!os.SameFile(open, named) || ", "named == nil || ",
			metrics, "Lines",
		},
		{
			"metrics: cumulative values are refused", collector + "otlp.go",
			"t == metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA", "t != 0",
			metrics, "Refusals",
		},
		{
			"metrics: the number of series is bounded", collector + "sums.go",
			"return m.series[id(values)] == nil && len(m.series) >= limit", "return false && limit > 0",
			metrics, "Labels",
		},
		{
			"metrics: the gauges of a silent instance expire", collector + "live.go",
			"if now.Sub(r.at) > l.keep {", "if now.Sub(r.at) > 1000*l.keep {",
			metrics, "GaugesOfInstances$",
		},
		{
			"metrics: a hanging gauge does not hide the others", gauge + "gauge.go",
			"wg.Go(func() { found[i], errs[i] = s.read(ctx) })", "found[i], errs[i] = s.read(ctx)",
			"./shared/operations/gauge", "Hangs",
		},
		{
			"metrics: a read continues for other callers when its caller cancels", gauge + "gauge.go",
			"context.WithoutCancel(ctx)", "ctx",
			"./shared/operations/gauge", "Fresh",
		},
	}
}
