// Package inventory keeps a merchant's stock in DynamoDB and reserves it for
// sagas, so that a unit is never promised twice and never lost.
//
// A SKU's item has three columns: on hand, reserved, sold. After a count
// (SetOnHand), a quantity only ever moves from one column to another, under the
// condition that the first holds enough: so their sum is constant and none is
// ever negative.
//
// Every move belongs to a saga and is made in one transaction with that saga's
// barrier, a record that says what has been done for it:
//
//	            Reserve             Confirm
//	(nothing) ───────────▶ RESERVED ─────────▶ SOLD
//	    │                     │
//	    │ Release, or a       │ Release
//	    │ refused Reserve     ▼
//	    └─────────────────▶ RELEASED
//
// RELEASED and SOLD are final. The barrier is what makes late and repeated calls
// harmless: a second Reserve finds RESERVED and changes nothing; a Release without
// a Reserve (an empty compensation) leaves RELEASED, on which a Reserve that comes
// later breaks; a reply that was lost is found in the barrier by asking again.
//
// A refusal is final as well, and for the same reason it is written down: while
// one delivery of a Reserve answers `out_of_stock`, another may still be on its
// way. Since a refused saga is not compensated, what that one reserved would be
// lost. It meets the barrier instead, and answers what the first one answered.
//
// DynamoDB takes 100 items in a transaction. A reservation of more SKUs than fit
// is made in chunks, each with its own barrier. The first chunk's barrier, the
// gate, speaks for all: a later chunk is reserved under the condition that the
// gate is RESERVED, and Release and Confirm turn the gate before the others.
//
// Transactions carry no ClientRequestToken of ours. For ten minutes DynamoDB
// would answer a repeated token with success without looking at the barrier, also
// when a Release has come in between.
package inventory
