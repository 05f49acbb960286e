// Package audit keeps the append-only log of issued invoices: one entry per saga, chained
// by hash per merchant.
//
// An entry's hash is the SHA-256, in lower-case hex, of the previous entry's hash followed
// by the entry's canonical bytes: its JSON without the hash, with fields in the order of
// Entry and without white space. For the first entry, the previous hash is the empty
// string. So entries can be verified without this system: see Verify.
//
// Entries contain no personal data: an invoice appears as its id and the hash of its
// document.
package audit
