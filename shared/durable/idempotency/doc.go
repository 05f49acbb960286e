// Package idempotency makes a request with a key have one effect, whatever
// retries, crashes, late finishers or lost replies happen, on DynamoDB's
// conditional writes alone.
//
// A key has one record. Claiming it is one conditional write; a claim that is
// refused returns the record that refused it, so a replay costs one call:
//
//	            Claim                     Complete
//	(none) ───────────────▶ OPEN ───────────────────▶ DONE ──24 h──▶ (none)
//	   ▲                    │  ▲ lease over: Claim
//	   │ Free               │  └─ by another owner resumes
//	   └──────── FREE ◀─────┤
//	               ▲        ▼ Hold
//	               └────── HELD   (its effects are being undone)
//
// Every write after the claim is conditioned on the owner token and the fence
// of the claim: a slow former owner is refused (promise P9). Complete is not a
// call but an item for the caller's own transaction, so that "the effect exists"
// and "the key is answered" cannot disagree. A claim whose reply was lost
// recognises its own owner token in the record that refuses it.
package idempotency
