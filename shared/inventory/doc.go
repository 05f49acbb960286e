// Package inventory keeps a merchant's stock in DynamoDB and reserves it for sagas, so that
// no unit is promised twice and none is lost.
//
// A SKU's item has three columns: on hand, reserved, sold. Between counts (Count) and movements
// (Move), which change what is on hand, a quantity only moves from one column to another, on
// condition that the first column holds enough. So the sum of the columns is constant and none
// is ever negative.
//
// The item keeps its last counts and movements, so that a repetition of one changes nothing.
//
// Every move belongs to a saga. The transaction that makes it also writes the saga's
// barrier, a record of what has been done for the saga:
//
//	            Reserve             Confirm
//	(nothing) ───────────▶ RESERVED ─────────▶ SOLD, or RETURNED
//	    │                     │
//	    │ Release, or a       │ Release
//	    │ refused Reserve     ▼
//	    └─────────────────▶ RELEASED
//
// Goods are sold from on hand, by way of reserved. Goods of a credit note come back the other way,
// from sold to on hand; the barrier records this direction, and Release undoes it.
//
// RELEASED, SOLD and RETURNED are final. The barrier makes late and repeated calls harmless: a second
// Reserve finds RESERVED and changes nothing. A Release without a Reserve (an empty
// compensation) leaves RELEASED, and a Reserve that arrives later is refused. A call whose
// reply was lost finds its own barrier when it is repeated.
//
// A refusal is final too and stored in the barrier: when one delivery of a Reserve returns
// `out_of_stock`, another delivery may still be running. A refused saga is not compensated,
// so stock that the other delivery reserved would be lost. Instead it finds the barrier and
// returns the same refusal.
//
// A DynamoDB transaction has 100 items at most. A reservation of more SKUs is made in
// chunks, each with its own barrier. The first chunk's barrier, the gate, decides for all:
// a later chunk is reserved on condition that the gate is RESERVED, and Release and Confirm
// change the gate before the other barriers.
//
// The transactions have no ClientRequestToken. For ten minutes, DynamoDB would report success
// for a repeated token without checking the barrier, even after a Release.
package inventory
