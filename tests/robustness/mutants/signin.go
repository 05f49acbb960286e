package main

// signInMutants are the guards of the local gateway, which signs in requests without a token.
func signInMutants() []mutant {
	const file, pkg = "tools/local/signin.go", "./tools/local"
	return []mutant{
		{"gateway: a header of the caller's own passes as it is", file, "own || isPublic", "own && isPublic", pkg, "SignIn$"},
		{
			"gateway: another port's requests are not signed in", file,
			"port == own", `(port == own || port != "")`, pkg, "SignInIsFor",
		},
		{
			"gateway: another site's page is not signed in", file,
			" || browser.Check(r) != nil", " || browser == nil", pkg, "SignIn$",
		},
		{
			"gateway: a token that was refused is not used again", "tools/local/signedtransport.go",
			"	t.session.forget(authorization)\n", "", pkg, "RefusedToken",
		},
		{
			"gateway: waiting requests share one fetch", "tools/local/token.go",
			"if f == nil {", "if f == nil || true {", pkg, "FetchesOnce",
		},
	}
}
