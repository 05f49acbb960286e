// Package receipt verifies, with the public key of an audit log and nothing else, that a document is
// in the log. Its formats are those of C2SP: tlog-proof, tlog-checkpoint and signed-note, with
// signatures of type 0x02, ECDSA over P-256 with SHA-256.
package receipt
