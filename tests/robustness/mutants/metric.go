package main

// metricMutants are the guards of the fleet's metrics.
func metricMutants() []mutant {
	const collector, metrics = "tools/collector/collector/", "./tools/collector/collector"
	const gauge = "shared/operations/gauge/"
	return []mutant{
		{
			"metrics: a line read twice is added once", collector + "collector.go",
			"if c.seen.has(b.ID) {", "if false {",
			metrics, "Lines",
		},
		{
			"metrics: an id is remembered for the window", collector + "dedupe.go",
			"d.old, d.young, d.since = d.young,", "d.old, d.young, d.since = nil,",
			metrics, "IDsAre",
		},
		{
			"metrics: ids are bounded", collector + "dedupe.go",
			"len(d.young) >= d.limit || ", "",
			metrics, "IDsAreBounded",
		},
		{
			"metrics: a partial line of the log waits for its rest", collector + "tail.go",
			"case errors.Is(err, io.EOF):\n\t\t\treturn nil",
			"case errors.Is(err, io.EOF):\n\t\t\tt.offset += int64(len(piece))\n\t\t\treturn nil",
			metrics, "Lines",
		},
		{
			"metrics: a replaced log is read from its beginning", collector + "tail.go",
			"!os.SameFile(open, named) || ", "named == nil || ",
			metrics, "Lines",
		},
		{
			"metrics: the number of series is bounded", collector + "sums.go",
			"return m.series[id(values)] == nil && len(m.series) >= limit", "return false && limit > 0",
			metrics, "Labels",
		},
		{
			"metrics: the gauges of a silent instance expire", collector + "instance.go",
			"if now.Sub(r.at) > is.ttl {", "if now.Sub(r.at) > 1000*is.ttl {",
			metrics, "GaugesOfInstances",
		},
		{
			"metrics: a busy process sends a failure at once", "shared/function/telemetry/recorder.go",
			"failed || rest <= 0", "rest <= 0",
			"./shared/function/telemetry", "FailureAtOnce",
		},
		{
			"metrics: a busy process sends a 500 at once", "shared/function/dispatch.go",
			"response.StatusCode == http.StatusInternalServerError", "response.StatusCode == 1",
			"./shared/function", "A500AtOnce",
		},
		{
			"metrics: a busy process sends without another invocation", "shared/function/telemetry/recorder.go",
			"r.flushAside(context.WithoutCancel(ctx))", "",
			"./shared/function/telemetry", "OnceASecond",
		},
		{
			"metrics: a process that is told to end sends its last records", "shared/function/dispatch.go",
			"_ = rt.recorder.Flush(context.Background())", "",
			"./shared/function", "LastRecords",
		},
		{
			"metrics: a release is that of the instance", "shared/function/telemetry/instrument.go",
			"return i.release\n", "return v\n",
			"./shared/function/telemetry", "MetricsCarryTheRelease",
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
