// Package audit keeps the append-only log of a deployment: one entry for each invoice, note and
// cancellation, for each saga whose compensation got stuck, and for each administrative act.
//
// All merchants share one log, so that one signature covers all of it (package seal). An entry has
// one place in it, counted from 0 without gaps. Entries are appended in batches, each by one
// transaction: the batch, whose key is the place of its first entry and must be free, and the
// entries, whose keys must be free too. So the order is settled and durable before anything is
// hashed, and an entry that is appended again changes nothing.
//
// Entries live in the register: partitions by merchant and by the month of the document, or of the
// act, spread over a few buckets. Register reads a month from there, strongly consistent and
// without an index.
//
// Entries contain no personal data: a document appears as its id and as a commitment to its text,
// which hides the text from those who do not have its salt.
package audit
