// Package chain reads the hash chains that earlier versions kept, one for each merchant, in the table
// of the audit log, and moves them into the log.
package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/invochain/invochain/shared/gst/money"
)

// Entry is an entry of a chain. Its hash is the SHA-256, in lower-case hex, of the previous entry's
// hash followed by its own JSON without the hash.
type Entry struct {
	Seq           int64       `json:"seq" dynamodbav:"seq"` // from 1, without gaps, per merchant
	MerchantID    string      `json:"merchant_id" dynamodbav:"merchant_id"`
	SagaID        string      `json:"saga_id" dynamodbav:"saga_id"`
	Action        string      `json:"action" dynamodbav:"action"`
	InvoiceID     string      `json:"invoice_id" dynamodbav:"invoice_id"`
	InvoiceNumber string      `json:"invoice_number" dynamodbav:"invoice_number"`
	DocumentType  string      `json:"document_type" dynamodbav:"document_type"`
	Total         money.Paise `json:"total" dynamodbav:"total"`
	Fingerprint   string      `json:"fingerprint" dynamodbav:"fingerprint"`
	Actor         string      `json:"actor,omitempty" dynamodbav:"actor,omitempty"`
	CommittedAt   int64       `json:"committed_at" dynamodbav:"committed_at"` // Unix milliseconds
	PrevHash      string      `json:"prev_hash" dynamodbav:"prev_hash"`
	Hash          string      `json:"hash,omitempty" dynamodbav:"hash"`
}

// Verify checks that the entries of a chain are unchanged and follow each other without a gap, from
// the first on.
func Verify(entries []Entry) error {
	hash := ""
	for i, e := range entries {
		if e.Seq != int64(i)+1 || e.PrevHash != hash {
			return fmt.Errorf("entry %d of the chain does not follow entry %d", e.Seq, i)
		}
		sum, err := e.sum()
		if err != nil {
			return err
		}
		if sum != e.Hash {
			return fmt.Errorf("entry %d of the chain was changed", e.Seq)
		}
		hash = e.Hash
	}
	return nil
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
