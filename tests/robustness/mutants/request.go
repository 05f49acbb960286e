package main

// requestMutants are the guards of requests that wait, and of the profiles they are judged by.
func requestMutants() []mutant {
	const saga, issuance, merchant = "shared/durable/saga/", "shared/issuance/", "shared/merchant/"
	return []mutant{
		{
			"request: a failed attempt does not end it", saga + "request.go",
			"case s.now().After(time.UnixMilli(r.AcceptedAt).Add(s.cfg.HandOff)):", "case s.now().After(time.Time{}):",
			"./shared/durable/saga", "Followed",
		},
		{
			"request: another one's message is not recorded", saga + "failure.go",
			".And(same)", ".And(same.Or(expression.Name(\"fingerprint\").NotEqual(expression.Value(\"\"))))",
			"./shared/durable/saga", "AnotherRequests",
		},
		{
			"request: an attempt that was taken over is due soon", saga + "begin.go",
			"Renew: []string{\"due\"}", "Renew: nil",
			"./shared/durable/saga", "TakenOver",
		},
		{
			"request: an attempt keeps what the request was named", saga + "begin.go",
			"Keep: nextAttempt(in.Queued), ", "",
			"./shared/durable/saga", "Followed",
		},
		{
			"actor: a message keeps the client of the request", saga + "accept.go",
			"if queued {", "if false {",
			"./shared/issuance", "AcceptedRequest",
		},
		{
			"actor: a caller is the actor of its own attempt", saga + "accept.go",
			"if queued {", "if queued || names != nil {",
			"./shared/issuance", "AcceptedRequest",
		},
		{
			"actor: a message with another payload does not inherit the client", "shared/durable/idempotency/claim.go",
			" || !p.is(released.Record.Fingerprint)", "",
			"./shared/issuance", "Borrow",
		},
		{
			"actor: the name of a role's session is not stored", issuance + "actor.go",
			"principal, _, _ := strings.Cut(senderID, \":\")", "principal := senderID",
			"./shared/issuance", "SenderOfAMessage",
		},
		{
			"request: a key that has an answer gets it before the rules", issuance + "assess.go",
			"if free {", "if free || err == nil {",
			"./shared/issuance", "WhateverTheRules",
		},
		{
			"invoice: an external id is claimed once", issuance + "transaction.go",
			"{ return a.uniqueIDs && a.draft", "{ return !a.uniqueIDs && a.draft",
			"./shared/issuance", "ExternalIDsAreUnique",
		},
		{
			"profile: the one in force decides", issuance + "assess.go",
			"if reflect.DeepEqual(read.profile.Seller(), a.seller) {",
			"if reflect.DeepEqual(read.profile.ID, a.req.SellerMerchantID) {",
			"./shared/issuance", "InForce",
		},
		{
			"period: a closed month gets no document", "shared/gst/period.go",
			"if !s.HasClosed(dated) {", "if !s.HasClosed(dated) || s.GSTIN != \"\" {",
			"./shared/gst", "ClosedMonth",
		},
		{
			"period: a close that was acknowledged holds", merchant + "profile.go",
			"ClosedThrough: p.ClosedThrough,", "",
			"./shared/issuance", "InForce",
		},
		{
			"period: a closed month is not cancelled in", issuance + "cancel.go",
			"case seller.Seller().HasClosed(inv.InvoiceDate):", "case false:",
			"./shared/issuance", "ClosedMonthIsNotCancelled",
		},
		{
			"period: a change that was read before a close does not reopen", merchant + "put.go",
			`unchanged = expression.Name("updated_at").Equal(expression.Value(writtenAt))`,
			`unchanged = expression.Name("gstin").Equal(expression.Value(before.GSTIN))`,
			"./shared/merchant", "DoesNotReopen|NoChangeIsMissed",
		},
		{
			"profile: the first invoice fixes the GSTIN", issuance + "transaction.go",
			"if !a.sellerInUse {", "if false {",
			"./shared/issuance", "FixesTheGSTIN|ChangesDuring",
		},
		{
			"profile: a GSTIN belongs to one merchant", merchant + "put.go",
			"Or(expression.Name(\"merchant_id\").Equal(expression.Value(id))))",
			"Or(expression.Name(\"merchant_id\").NotEqual(expression.Value(\"\"))))",
			"./shared/merchant", "OneMerchant|OneWins",
		},
	}
}
