package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
)

// Entry records that an invoice was issued.
type Entry struct {
	Seq           int64       `json:"seq" dynamodbav:"seq"` // from 1, without gaps, per merchant
	MerchantID    string      `json:"merchant_id" dynamodbav:"merchant_id"`
	SagaID        string      `json:"saga_id" dynamodbav:"saga_id"`
	Action        string      `json:"action" dynamodbav:"action"`
	InvoiceID     string      `json:"invoice_id" dynamodbav:"invoice_id"`
	InvoiceNumber string      `json:"invoice_number" dynamodbav:"invoice_number"`
	DocumentType  string      `json:"document_type" dynamodbav:"document_type"`
	Total         money.Paise `json:"total" dynamodbav:"total"`
	// Fingerprint is the SHA-256 of the request's canonical bytes.
	Fingerprint string `json:"fingerprint" dynamodbav:"fingerprint"`
	// Actor is who caused the saga; empty if that is not known, and in entries of earlier versions.
	Actor       string `json:"actor,omitempty" dynamodbav:"actor,omitempty"`
	CommittedAt int64  `json:"committed_at" dynamodbav:"committed_at"` // Unix milliseconds
	PrevHash    string `json:"prev_hash" dynamodbav:"prev_hash"`
	Hash        string `json:"hash,omitempty" dynamodbav:"hash"`
}

// after returns the entry as the successor of the entry with seq and hash.
func (e Entry) after(seq int64, hash string) (Entry, error) {
	e.Seq, e.PrevHash = seq+1, hash
	sum, err := e.sum()
	e.Hash = sum
	return e, err
}

// sum returns the hash that the entry should have.
func (e Entry) sum() (string, error) {
	e.Hash = ""
	canonical, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(append([]byte(e.PrevHash), canonical...))
	return hex.EncodeToString(h[:]), nil
}

// Verify checks that entries are unchanged and follow each other without a gap, starting
// after the entry with seq and hash (0 and "" for the start of a merchant's chain).
func Verify(entries []Entry, seq int64, hash string) error {
	for _, e := range entries {
		if e.Seq != seq+1 || e.PrevHash != hash {
			return fmt.Errorf("audit entry %d does not follow entry %d", e.Seq, seq)
		}
		sum, err := e.sum()
		if err != nil {
			return err
		}
		if sum != e.Hash {
			return fmt.Errorf("audit entry %d was changed", e.Seq)
		}
		seq, hash = e.Seq, e.Hash
	}
	return nil
}
