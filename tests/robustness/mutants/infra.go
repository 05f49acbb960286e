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
	}
}
