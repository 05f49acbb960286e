package main

// clientMutants remove the guards of the API's client.
func clientMutants() []mutant {
	const pkg, token, reply = "./shared/client", "shared/client/token.go", "shared/client/reply.go"
	return []mutant{
		{
			"client of the API: callers share a request for a token", token,
			"	default:\n		return false\n	}", "	default:\n		return true\n	}", pkg, "SharedAndRenewed",
		},
		{
			"client of the API: a token is renewed before it ends", token,
			"time.Second-renewBefore", "time.Second", pkg, "SharedAndRenewed",
		},
		{
			"client of the API: a request for a token outlives the call that began it", token,
			"go c.request(context.WithoutCancel(ctx), a.latest)", "go c.request(ctx, a.latest)", pkg, "GivesUp",
		},
		{
			"client of the API: the token endpoint is left alone while it asks for that", token,
			"r.Took+r.RetryAfter()", "r.Took", pkg, "RefusalsOfTheTokenEndpoint",
		},
		{
			"client of the API: a refused token is replaced", token,
			` || g.token != "" && g.token == refused`, "", pkg, "RefusedTokenIsReplaced",
		},
		{
			"client of the API: a new token that is refused is not replaced", "shared/client/client.go",
			"if kept && err == nil", "if kept || err == nil", pkg, "NewTokenIsNotReplaced",
		},
		{
			"client of the API: a refusal without advice is not retried", reply,
			"r.Status >= http.StatusBadRequest && r.RetryAfter() > 0", "r.Status >= http.StatusBadRequest",
			pkg, "WhatIsRetried|IssueEnds",
		},
		{
			"client of the API: absurd advice does not overflow", reply,
			"min(max(seconds, 0), 24*60*60)", "seconds", pkg, "Backoff",
		},
	}
}
