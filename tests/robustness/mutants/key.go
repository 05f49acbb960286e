package main

// keyMutants are the guards of an idempotency key.
func keyMutants() []mutant {
	const idempotency = "shared/durable/idempotency/"
	return []mutant{
		{
			"key: a running claim is not overwritten", idempotency + "claim.go",
			"beside, expression.AttributeNotExists(expression.Name(\"pk\")))", "beside, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./shared/durable/idempotency", "Busy|Replay|Mismatch",
		},
		{
			"key: an answer is replayed until it expires and no longer", idempotency + "claim.go",
			"case r.KeyState == Released || r.expired(s.now()):", "case r.KeyState == Released:",
			"./shared/durable/idempotency", "Expires",
		},
		{
			"key: a claim replaces only the record that it read", idempotency + "claim.go",
			"beside, isUnchanged(f.Record))", "beside, expression.Name(\"key_state\").Equal(expression.Value(f.Record.KeyState)))",
			"./shared/durable/idempotency", "LateCopy",
		},
		{
			"key: a claim recognizes its own write after a lost reply", idempotency + "claim.go",
			"case r.Owner == mine.Owner && r.KeyState == Open:", "case false:",
			"./shared/durable/idempotency", "LostWrites",
		},
		{
			"key: only the owner completes it", idempotency + "claim.go",
			"return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})", "_, _ = owner, fence\n\treturn expression.Name(\"key_state\").Equal(expression.Value(Open))",
			"./shared/durable/idempotency", "Late",
		},
		{
			"key: only an open key is completed", idempotency + "claim.go",
			"return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})", "return expression.Name(\"owner\").Equal(expression.Value(owner)).And(expression.Name(\"fence\").Equal(expression.Value(fence)))",
			"./shared/durable/idempotency", "Held|Late",
		},
		{
			"key: recovery does not take a running lease", idempotency + "finish.go",
			"And(expression.Name(\"lease_until\").LessThanEqual(expression.Value(s.now().UnixMilli()))),", "And(expression.Name(\"lease_until\").GreaterThan(expression.Value(0))),",
			"./shared/durable/idempotency", "Sweeper",
		},
		{
			"key: another payload is refused", idempotency + "claim.go",
			"case r.Fingerprint != fingerprint:", "case false:",
			"./shared/durable/idempotency", "Mismatch",
		},
		{
			"key: the lease ends before the caller's deadline", idempotency + "claim.go",
			"lease = max(0, min(lease, time.Until(deadline)-s.cfg.Margin))", "_ = deadline",
			"./shared/durable/idempotency", "Lease",
		},
		{
			"key: an answer does not expire before its audit", idempotency + "record.go",
			"r.KeyState == Done && !r.Pinned && r.ExpiresAt", "r.KeyState == Done && r.ExpiresAt",
			"./shared/issuance", "AnswerIsKept",
		},
	}
}
