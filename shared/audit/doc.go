// Package audit keeps the append-only log of what was issued: one entry for each
// saga, chained by hash for each merchant.
//
// An entry's hash is the SHA-256, in lower-case hex, of the previous entry's hash
// followed by the entry's canonical bytes: its JSON without hash, fields in the
// order of Entry, no blanks. The first entry follows the empty string. So whoever
// holds the entries can verify them with nothing of ours: see Verify.
//
// Entries hold no personal data: an invoice is named by its id and the hash of
// its document.
package audit
