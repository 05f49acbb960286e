package main

// credentialMutants are the guards of the rotation of the operator's credential.
func credentialMutants() []mutant {
	const rotation, pkg = "shared/caller/credential/rotation.go", "./shared/caller/credential"
	return []mutant{
		{
			"credential: a late step of an overtaken rotation is refused", rotation,
			"!s.isCurrent() && !s.isPending()", "false", pkg, "Overtaken",
		},
		{
			"credential: what was current does not become current again", "shared/caller/credential/secret.go",
			" && !slices.Contains(s.labels, previous)", "", pkg, "Overtaken",
		},
		{
			"credential: nothing invalid becomes current", rotation,
			"client.Role != caller.Operator || !client.Authentic(c.ClientSecret, r.Now())",
			`client.ID == "" && r.Now().IsZero()`, pkg, "NothingInvalid",
		},
		{
			"credential: the current secret does not end before another is current", rotation,
			"return r.Clients.AddSecret(ctx, caller.Client{ID: c.ClientID, Role: caller.Operator}, c.ClientSecret)",
			"_ = r.Clients.AddSecret(ctx, caller.Client{ID: c.ClientID, Role: caller.Operator}, c.ClientSecret)\n" +
				"\treturn r.Clients.EndOtherSecrets(ctx, c.ClientID, c.ClientSecret, Overlap)",
			pkg, "HalfARotation",
		},
		{
			"credential: a secret is generated once in a rotation", rotation,
			"!absent {\n\t\treturn err", "!absent && err != nil {\n\t\treturn err", pkg, "Faults|Overtaken",
		},
		{
			"credential: a revoked operator is replaced", rotation,
			" || !c.RevokedAt.IsZero()", ` || c.Role == ""`, pkg, "Revoked",
		},
		{
			"client: a secret that a person invented is refused", "shared/caller/add.go",
			"if !WellFormed(text) {", `if text == "" {`, "./shared/caller", "AddSecretRefusals",
		},
		{
			"client: a secret is for a client of the same role", "shared/caller/add.go",
			"r.Role != c.Role || r.Merchant != c.Merchant", "false", "./shared/caller", "AddSecretRefusals",
		},
	}
}
