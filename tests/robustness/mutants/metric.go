package main

// metricMutants are the guards of the fleet's sums.
func metricMutants() []mutant {
	const collector, gauge, metrics = "tools/collector/collector/", "shared/operations/gauge/", "./tools/collector/collector"
	return []mutant{
		{
			"metrics: a line that is read twice is added once", collector + "collector.go",
			"if c.seen.has(b.ID) {\n\t\tc.count(", "if false {\n\t\tc.count(",
			metrics, "Lines",
		},
		{
			"metrics: a batch whose answer was lost is added once", collector + "collector.go",
			"if c.seen.has(b.ID) {\n\t\treturn repeated", "if false {\n\t\treturn repeated",
			metrics, "LostAnswers|TestOTLP$",
		},
		{
			"metrics: what was answered is kept", collector + "collector.go",
			"if err := c.journal.keep(b); errors", "if err := error(nil); errors",
			metrics, "LostAnswers|TestOTLP$",
		},
		{
			"metrics: what is not kept is not added", collector + "collector.go",
			"return failed, errNotKept", "_ = errNotKept",
			metrics, "CannotBeWritten",
		},
		{
			"metrics: half a line of the journal is cut off", collector + "journal.go",
			"return j.cut() // half", "_, err := j.file.Seek(0, io.SeekEnd)\n\treturn err // half",
			metrics, "HalfALine",
		},
		{
			"metrics: a journal is one process's", collector + "journal.go",
			"syscall.LOCK_EX|syscall.LOCK_NB", "syscall.LOCK_SH|syscall.LOCK_NB",
			metrics, "OneProcess",
		},
		{
			"metrics: a batch older than what is remembered is not added", collector + "collector.go",
			"if c.seen.forgotten(recorded, c.now()) {", "if false {",
			metrics, "Forgotten|IdsAreBounded",
		},
		{
			"metrics: a clock that went back does not make new batches old", collector + "seen.go",
			"if s.old.since.After(now) {", "if false {",
			metrics, "Forgotten",
		},
		{
			"metrics: half a line of the log waits for its other half", collector + "tail.go",
			"case errors.Is(err, io.EOF):\n\t\t\treturn nil", "case errors.Is(err, io.EOF):\n\t\t\tt.at += int64(len(piece))\n\t\t\treturn nil",
			metrics, "Lines",
		},
		{
			"metrics: a log that was replaced is read from its beginning", collector + "tail.go",
			"!os.SameFile(open, named) || ", "named == nil || ",
			metrics, "Lines",
		},
		{
			"metrics: cumulative values are refused", collector + "otlp.go",
			"t == metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA", "t != 0",
			metrics, "Refusals",
		},
		{
			"metrics: series are bounded", collector + "sums.go",
			"return m.series[id(values)] == nil && len(m.series) >= limit", "return false && limit > 0",
			metrics, "Labels",
		},
		{
			"metrics: an instance that is not heard of is gone", collector + "live.go",
			"if now.Sub(r.at) > l.keep {", "if now.Sub(r.at) > 1000*l.keep {",
			metrics, "GaugesOfInstances$",
		},
		{
			"metrics: a gauge that hangs hides no other", gauge + "gauge.go",
			"wg.Go(func() { found[i], errs[i] = s.read(ctx) })", "found[i], errs[i] = s.read(ctx)",
			"./shared/operations/gauge", "Hangs",
		},
		{
			"metrics: a reading serves others when who asked has gone", gauge + "gauge.go",
			"context.WithoutCancel(ctx)", "ctx",
			"./shared/operations/gauge", "Fresh",
		},
	}
}
