package receipt

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/invochain/invochain/shared/audit/commitment"
)

// Receipt proves that a document is in the log. It is the answer of GET /invoices/{id}/receipt.
type Receipt struct {
	// Proof is of inclusion in the tree of a signed checkpoint (C2SP tlog-proof). It has the entry.
	Proof string `json:"receipt"`
	// Salt and Document are what the entry commits to. Both are absent if the entry commits to
	// nothing, as of a document that an earlier version issued.
	Salt     []byte `json:"salt,omitempty"`
	Document string `json:"document,omitempty"` // the JSON as issued
	// Consistency proves that an earlier tree is part of this one. It is there if it was asked for.
	Consistency *Consistency `json:"consistency,omitempty"`
}

// Consistency is a proof that the log has not been rewritten since it had Since entries.
type Consistency struct {
	Since  int64    `json:"since"`
	Hashes [][]byte `json:"hashes"` // RFC 9162, section 2.1.4
}

// Verified is what a receipt proves.
type Verified struct {
	Entry      json.RawMessage
	Checkpoint torchwood.Checkpoint
	Signed     string // the checkpoint as signed
}

// Errors of Verify besides those of the signature and of the proof.
var (
	ErrDocument    = errors.New("the document is not the one that the entry commits to")
	ErrOtherEntry  = errors.New("the entry is not of this document")
	ErrNoDocument  = errors.New("the receipt has no document, but its entry commits to one")
	errCheckpoint  = errors.New("the proof ends with no checkpoint")
	errConsistency = errors.New("this is not the log of the earlier checkpoint: it was rewritten, or is another one")
)

// Verify checks a receipt: the log's signature, the proof that the entry is in the log, and that the
// document is the one that the entry commits to.
func Verify(key Key, r Receipt) (Verified, error) {
	proof := []byte(r.Proof)
	data, err := torchwood.ProofExtraData(proof)
	if err != nil {
		return Verified{}, err
	}
	if err := torchwood.VerifyProof(key.policy(), tlog.RecordHash(data), proof); err != nil {
		return Verified{}, err
	}
	signed, err := checkpointOf(proof)
	if err != nil {
		return Verified{}, err
	}
	c, err := key.Checkpoint(signed)
	if err != nil {
		return Verified{}, err
	}
	return Verified{Entry: data, Checkpoint: c, Signed: string(signed)}, r.checkDocument(data)
}

// checkpointOf returns the checkpoint at the end of a proof, after an empty line.
func checkpointOf(proof []byte) ([]byte, error) {
	_, signed, found := bytes.Cut(proof, []byte("\n\n"))
	if !found {
		return nil, errCheckpoint
	}
	return signed, nil
}

// entry is what Verify reads of an entry.
type entry struct {
	InvoiceID string `json:"invoice_id"`
	Document  string `json:"document"`
}

func (r Receipt) checkDocument(data []byte) error {
	var e entry
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("decode the entry: %w", err)
	}
	switch {
	case e.Document == "" && r.Document == "":
		return nil
	case r.Document == "":
		return ErrNoDocument
	}
	sum := hex.EncodeToString(commitment.Of(r.Salt, []byte(r.Document)))
	if subtle.ConstantTimeCompare([]byte(sum), []byte(e.Document)) != 1 {
		return ErrDocument
	}
	var document struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(r.Document), &document); err != nil || document.ID != e.InvoiceID {
		return ErrOtherEntry
	}
	return nil
}

// CheckConsistent checks that the log of an earlier checkpoint, which was verified, is a part of the
// log of a later receipt. Of two receipts with checkpoints of one size, the trees must be the same.
// Error: also if the receipt has no proof since the size of the earlier checkpoint.
func CheckConsistent(earlier torchwood.Checkpoint, later Verified, proof *Consistency) error {
	now := later.Checkpoint
	switch {
	case earlier.N == now.N && earlier.Hash == now.Hash:
		return nil
	case earlier.N == now.N:
		return errConsistency
	case earlier.N > now.N || proof == nil || proof.Since != earlier.N:
		return &NoProofError{earlier.N}
	}
	hashes := make(tlog.TreeProof, len(proof.Hashes))
	for i, h := range proof.Hashes {
		if copy(hashes[i][:], h) != tlog.HashSize || len(h) != tlog.HashSize {
			return errConsistency
		}
	}
	if tlog.CheckTree(hashes, now.N, now.Hash, earlier.N, earlier.Hash) != nil {
		return errConsistency
	}
	return nil
}

// NoProofError means that a receipt cannot be compared with an earlier checkpoint: it was fetched
// without since=<Since>.
type NoProofError struct{ Since int64 }

func (e *NoProofError) Error() string {
	return fmt.Sprintf("the receipt has no proof of consistency; fetch it with ?since=%d", e.Since)
}
