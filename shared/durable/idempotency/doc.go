// Package idempotency makes a request with an idempotency key have one effect, in spite of
// retries, crashes, late owners and lost replies. It uses only DynamoDB's conditional writes.
//
// A key has one record. A claim is one conditional write. A claim that fails returns the
// record that refused it, so a replay costs one call:
//
//	            Claim                     Complete
//	(none) ───────────────▶ OPEN ───────────────────▶ DONE
//	            Claim      ▲│  ▲ lease expired: Claim
//	  FREE ────────────────┘│  └─ by another owner resumes
//	   ▲ ▲       Release    │
//	   │ └──────────────────┤
//	   │ Unlock             ▼ Lock
//	   └───────────────── HELD   (its effects are being compensated)
//
// The answer of a DONE key is replayed for 24 h (Config.Retention). The key itself is
// remembered for 35 days (Config.Memory): a copy of the request that a queue or a dead letter
// queue kept until then has no second effect.
//
// Every write after the claim is conditional on the owner token and the fence of the claim,
// so the writes of a slow former owner fail (promise P9 in docs/robustness.md). Complete is
// not a call but an item for the caller's own transaction: the effect and the answer are
// stored together or not at all. A claim whose reply was lost finds its own owner token in
// the record that refuses it.
package idempotency
