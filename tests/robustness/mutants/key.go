package main

// keyMutants are the guards of an idempotency key.
func keyMutants() []mutant {
	const idempotency = "shared/durable/idempotency/"
	return []mutant{
		{
			"key: a running claim is not overwritten", idempotency + "claim.go",
			"attrs.New, expression.AttributeNotExists(expression.Name(\"pk\")))",
			"attrs.New, expression.AttributeNotExists(expression.Name(\"nothing\")))",
			"./shared/durable/idempotency", "InProgress|Replay|Mismatch",
		},
		{
			"key: an answer is replayed until it expires and no longer", idempotency + "claim.go",
			"case r.expired(s.now()):", "case false:",
			"./shared/durable/idempotency", "Remembered",
		},
		{
			"key: a claim replaces the record that it read", idempotency + "claim.go",
			"attrs.replacement(res, p), isUnchanged(res.Record))",
			"attrs.replacement(res, p), expression.Name(\"key_state\").Equal(expression.Value(res.Record.KeyState)))",
			"./shared/durable/idempotency", "LateCopy",
		},
		{
			"key: own write is recognised after a lost reply", idempotency + "claim.go",
			"case r.Owner == c.Owner && r.KeyState == Open:", "case false:",
			"./shared/durable/idempotency", "LostWrites",
		},
		{
			"key: a claim that meets a transaction reads what it met", idempotency + "claim.go",
			" || dynamo.Conflicted(err) {", " {",
			"./shared/durable/idempotency", "DuringTheCommit",
		},
		{
			"key: a takeover that meets a transaction reads what it met", idempotency + "takeover.go",
			"case dynamo.Conflicted(err):", "case false:",
			"./shared/durable/idempotency", "TakeoverThatMeets",
		},
		{
			"key: owner token", idempotency + "takeover.go",
			"return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})",
			"_, _ = owner, fence\n\treturn expression.Name(\"key_state\").Equal(expression.Value(Open))",
			"./shared/durable/idempotency", "Late",
		},
		{
			"key: only open keys are completed", idempotency + "takeover.go",
			"return isUnchanged(Record{KeyState: Open, Owner: owner, Fence: fence})",
			"return expression.Name(\"owner\").Equal(expression.Value(owner)).And(expression.Name(\"fence\")" +
				".Equal(expression.Value(fence)))",
			"./shared/durable/idempotency", "Locked|Late",
		},
		{
			"key: recovery leaves a running lease alone", idempotency + "change.go",
			"And(expression.Name(\"lease_until\").LessThanEqual(expression.Value(s.now().UnixMilli()))),",
			"And(expression.Name(\"lease_until\").GreaterThan(expression.Value(0))),",
			"./shared/durable/idempotency", "ReleaseExpired",
		},
		{
			"key: another payload is refused", idempotency + "claim.go",
			"case !p.is(r.Fingerprint):", "case false:",
			"./shared/durable/idempotency", "Mismatch",
		},
		{
			"key: the lease ends before the caller's deadline", idempotency + "claim.go",
			"lease = max(0, min(lease, time.Until(deadline)-s.cfg.Margin))", "_ = deadline",
			"./shared/durable/idempotency", "Lease",
		},
		{
			"key: an answered key is never claimed again", idempotency + "claim.go",
			"case r.KeyState == Released:", "case r.KeyState == Released || r.expired(s.now()):",
			"./shared/durable/idempotency", "Remembered",
		},
		{
			"key: work whose answer is too large runs once", idempotency + "once.go",
			"if len(compressed) > MaxCompressed {",
			"if len(compressed) > MaxCompressed {\n\t\treturn nil, false, errors.Join(ErrTooLarge, s.send(ctx, s.Release(c)))",
			"./shared/durable/idempotency", "TooLarge",
		},
		{
			"key: the table does not hold what opens an answer", idempotency + "seal.go",
			"[]byte(k.ID), []byte(k.Scope), purpose", "[]byte(k.Hash()), nil, purpose",
			"./shared/durable/idempotency", "Sealed",
		},
		{
			"key: an answer belongs to its record", idempotency + "seal.go",
			"return []byte(k.Hash()) }", "return nil }",
			"./shared/durable/idempotency", "Moved",
		},
		{
			"key: a fingerprint confirms no guess", idempotency + "claim.go",
			"Fingerprint: p.keyed,", "Fingerprint: p.bare,",
			"./shared/durable/idempotency", "Sealed",
		},
	}
}
