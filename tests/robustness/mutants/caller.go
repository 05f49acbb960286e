package main

// callerMutants are the guards around tokens, keys and clients.
func callerMutants() []mutant {
	const caller = "shared/caller/"
	const pkg = "./shared/caller"
	return []mutant{
		{
			"token: another signed document is none", caller + "token.go",
			"kind == TokenType && plain", `kind != "" && plain`, pkg, "Forgeries",
		},
		{
			"token: it does not say how it is verified", caller + "token.go",
			"plain := len(h.ExtraHeaders) == 1 && h.JSONWebKey == nil &&", "plain :=", pkg, "Forgeries",
		},
		{
			"token: another environment's is refused", caller + "token.go",
			"jwt.Expected{Issuer: issuer, ", "jwt.Expected{", pkg, "Forgeries",
		},
		{
			"document: it is no token", "shared/document/signer.go",
			`const Type = "invoice+jws"`, `const Type = "at+jwt"`, "./shared/document", "Verifies",
		},
		{"token: it ends within 15 minutes", caller + "token.go", "life <= TokenLife", "true", pkg, "Forgeries"},
		{
			"token: it has no more than its role", caller + "token.go",
			"c.Role.grants(strings.Fields(c.Scope)) && ", "", pkg, "Forgeries",
		},
		{
			"token: a revoked client's is refused", caller + "verifier.go",
			"case now.Before(known.Revoked[f.Client]) || !verifies", "case !verifies", pkg, "Revocation",
		},
		{
			"token: a withdrawn key's is refused although it is remembered", caller + "verifier.go",
			"|| !verifies:", "|| (!verifies && false):", pkg, "Revocation",
		},
		{
			"token: invented keys cost one read", caller + "keyring.go",
			"recent := now.Sub(r.lookedUp) < lookupEvery && r.reading == nil", "recent := false", pkg, "Invented",
		},
		{
			"token: without keys none is accepted", caller + "keyring.go",
			"if age < stale {\n\t\tr.start", "if age < 2*stale {\n\t\tr.start", pkg, "FailsClosed",
		},
		{
			"token: a read of a frozen process is not fresh", caller + "keyring.go",
			"known.At = began", "known.At = r.now()", pkg, "Frozen",
		},
		{
			"guard: a caller without the scope is refused", caller + "guard.go",
			"err == nil && !p.May(route.Scope)", "err == nil && !p.May(route.Scope) && false", pkg, "Guard",
		},
		{
			"guard: a route without a guard refuses every caller", "shared/function/httpapi/router.go",
			"if route.Scope != Public {", "if route.Scope != Public && rt.Guard != nil {",
			"./shared/function/httpapi", "FailClosed",
		},
		{
			"tenant: a request cannot name another merchant", caller + "tenant.go",
			"case !t.Owns(named):", "case !t.Owns(named) && false:", pkg, "Tenant",
		},
		{
			"tenant: another's invoice does not exist", "shared/invoice/store.go",
			"err == nil && !t.Owns(inv.SellerMerchantID)", "err == nil && !t.Owns(inv.SellerMerchantID) && false",
			"./functions/serve-api", "Anothers",
		},
		{
			"tenant: another's saga does not exist", "functions/serve-api/saga.go",
			"err == nil && !tenant.Owns(s.MerchantID)", "err == nil && !tenant.Owns(s.MerchantID) && false",
			"./functions/serve-api", "Anothers",
		},
		{
			"client: another's does not exist", "functions/issue-token/clients.go",
			"!by.Tenant.Owns(c.Merchant))", "!by.Tenant.Owns(c.Merchant) && false)", "./functions/issue-token", "Clients",
		},
		{
			"client: an admin makes no operator", "functions/issue-token/clients.go",
			"if caller.From(ctx).Role != caller.Operator {", "if false {", "./functions/issue-token", "Clients",
		},
		{
			"act: it is not done without its entry", caller + "act.go",
			"AuditRequest{Act: &act}); err != nil {", "AuditRequest{Act: &act}); err != nil && false {",
			"./functions/issue-token", "WithoutItsEntry",
		},
		{
			"act: a client's revocation has one entry", caller + "act.go",
			"act.ID = events.ActID(act.Action, c.ID)", `act.ID = ""`, "./functions/issue-token", "AdministrativeActs",
		},
		{
			"merchant: only an operator creates one", "shared/merchant/put.go",
			"err != nil && (!create || ", "err != nil && (", "./shared/merchant", "Replace",
		},
		{
			"key: the next one is published in time", caller + "key.go",
			"last.Sub(now) < Ahead", "last.Sub(now) < 24*time.Hour", pkg + "/signing", "TwoYears",
		},
		{
			"key: one that was withdrawn signs no more", caller + "key.go",
			"now.Before(k.SignsUntil) && k.verifies(now)", "now.Before(k.SignsUntil)", pkg, "Withdraw",
		},
		{
			"client: one that is revoked gets no token", caller + "secret.go",
			" && c.RevokedAt.IsZero()", "", pkg, "RevokeClient",
		},
		{
			"client: a later roll does not prolong a secret", caller + "roll.go",
			"until < ending[i].Until", "true", pkg, "Overlap",
		},
	}
}
