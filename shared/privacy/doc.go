// Package privacy keeps what a buyer may have erased apart from what the law wants kept: the
// contact of an invoice is sealed under a key of its buyer, in a table that no backup holds. Once
// the key is gone, no copy of the invoice reveals the contact.
//
// The keys table has for each buyer of a merchant, under pk `SUBJECT#<merchant>#<subject>`:
//
//   - sk `CONTACT`: the key in force. `ttl` (Unix seconds) is set when an erasure is due later; from
//     then on the key counts as absent, since DynamoDB deletes an item only some time after.
//   - sk `ERASED#<id of the key>`: `erased_at` (Unix seconds), when the erasure of that key is
//     effective, which may lie ahead. It stays.
//
// An erasure writes the mark and ends the key in one transaction: it deletes CONTACT, or sets its ttl,
// if its `key_id` is that of the mark. The next invoice of the buyer makes a new key. A sealed text
// names its key, so that what the former key sealed still reads as erased, not as changed.
//
// When a buyer's data was last processed is not kept here, which would cost every invoice a write:
// it is the `listed_at` of the buyer's newest invoice in the index `by-subject` of the invoices table.
package privacy
