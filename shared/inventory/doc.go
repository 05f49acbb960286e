// Package inventory keeps a merchant's stock in DynamoDB and reserves it for sagas, so that
// no unit is promised twice and none is lost.
//
// A SKU has one partition with up to three kinds of items. Each has the columns on hand, reserved and
// sold, and a level is their sum over all items:
//
//	item         on hand              reserved                       sold
//	STOCK        all, or what a       what was reserved here,        what versions before
//	             split left           less what was released         the item SOLD sold
//	SHARD#00 …   a share of a SKU     likewise                       –
//	             that is split
//	SOLD         –                    less than nothing: what was    what was sold, less
//	                                  reserved and is sold           what comes back
//
// Between counts (Count) and movements (Move), which change what is on hand, a quantity only moves
// from one column of an item to another:
//
//	          Reserve             Confirm            Release
//	a sale    STOCK or a shard:   SOLD:              STOCK or the shard:
//	          on hand → reserved  reserved → sold    reserved → on hand
//	a return  SOLD:               STOCK:             SOLD:
//	          sold → reserved     reserved → on hand reserved → sold
//
// So the sum of the columns is constant. What is reserved of on hand, or of sold, is there: the item
// that has it is asked in the same transaction, so neither is ever negative.
//
// DynamoDB refuses a transaction that meets another on an item, so an item bears one divided by the
// time that a transaction holds it. Two things spread the sales of one SKU. Confirm does not touch what
// Reserve needs, and ConfirmAll books many sales in one write of SOLD. And a Reserve that meets other
// writes at STOCK twice splits it: one transaction moves most of what is on hand to 32 shards, and
// later reservations take from one of them at random. A Reserve that finds too little in each shard
// merges them: one transaction moves everything back. So only STOCK, with all that is on hand, ever
// decides that a SKU is short. A Count merges first too, and a Move that takes more than STOCK has.
//
// The attribute layout of STOCK and of the shards counts the splits and merges. A barrier names the
// shard that it reserved, and the layout. Release gives back to the shard while that layout lasts, and
// to STOCK afterwards, where the merge has moved the reservation. A reading whose items have different
// layouts is read again.
//
// The stock item keeps its last counts and movements, so that a repetition of one changes nothing.
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
// The barrier records the direction: goods of a credit note come back from sold to on hand.
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
