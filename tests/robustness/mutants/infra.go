package main

// infraMutants are the guards of the deployed API.
func infraMutants() []mutant {
	return []mutant{
		{
			"infra: no public API", "infra/callers.go",
			`setting(app, "callers", callersIAM)`, `setting(app, "callers", callersLocal)`,
			"./infra", "NoMethodIsPublic",
		},
		{
			"infra: an open API is for an emulator's account", "infra/callers.go",
			"props.Env = &awscdk.Environment{Account: jsii.String(emulatorAccount)}", "props.Env = nil",
			"./infra", "LocalDeploymentIsOpen",
		},
		{
			"infra: a client that is too fast may retry", "infra/firewall.go",
			`"too many requests", true)`, `"too many requests", false)`,
			"./infra", "RateRulesAskToRetryLater",
		},
		{
			"infra: a large batch gathers for a window", "infra/wiring.go",
			"batchWindow = 1 ", "batchWindow = 0 ",
			"./infra", "TablesAndQueuesFit",
		},
		{
			"infra: dead letters that lie there hide no others", "infra/observability.go",
			`"DIFF(visible + hidden)"`, `"visible + hidden"`,
			"./infra", "AlarmAtEachArrival",
		},
		{
			"infra: Lambda logs no invocation that succeeds", "infra/service.go",
			"SystemLogLevel_WARN", "SystemLogLevel_INFO",
			"./infra", "LogsAreSampled",
		},
		{
			"infra: lines below warn are sampled", "infra/service.go",
			`setting(app, "log-sample", "0.05")`, `setting(app, "log-sample", "1")`,
			"./infra", "LogsAreSampled",
		},
		{
			"infra: callers reach an alias", "infra/wiring.go",
			"targets.NewLambdaFunction(s.live[function],", "targets.NewLambdaFunction(s.functions[function],",
			"./infra", "CallersReachAliases",
		},
		{
			"infra: names of a cell are its own", "infra/cell.go",
			`return name + "-" + cell`, `return name`,
			"./infra", "TwoCellsFitAnAccount",
		},
		{
			"infra: compensation has concurrency of its own", "infra/concurrency.go",
			"releaseInventory: 20, ", "",
			"./infra", "ConcurrencyIsASetting|FailuresDoNotStarve",
		},
		{
			"infra: throttled indexes set off an alarm", "infra/dashboards/alert/capacity.go",
			"for i, index := range t.Indexes {", "for i, index := range t.Indexes[:0] {",
			"./infra", "TablesAreWatched",
		},
		{
			"infra: versions are retained", "infra/service.go",
			"RemovalPolicy: awscdk.RemovalPolicy_RETAIN}", "RemovalPolicy: awscdk.RemovalPolicy_DESTROY}",
			"./infra", "VersionsAreRetained",
		},
	}
}
