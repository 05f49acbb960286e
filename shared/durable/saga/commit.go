package saga

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// CommitInput is what a committed saga records of its invoice.
type CommitInput struct {
	InvoiceID, Number, Document, Dated string
	TotalPaise                         int64
	Commitment                         []byte // to the document, see Record
	Status                             int    // HTTP status of the answer
	Compressed                         []byte // the answer, see idempotency.Compress
}

// Commit moves BEGUN to COMMITTED. It returns the item of the business transaction that
// completes the key and advances the saga. The saga stays due until it is audited and
// published: that is the outbox mark. The item is the barrier too: its condition fails
// once the saga is being compensated, and once it has been committed.
func (s *Store) Commit(b BeginResult, in CommitInput, steps []StepAttempt) (types.TransactWriteItem, error) {
	answered, err := s.keys.CompletePending(b.Claim, in.Status, in.Compressed)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return answered.Set("state", Committed).Set("steps", append(b.Saga.Steps, steps...)).
		Set("invoice_id", in.InvoiceID).Set("number", in.Number).Set("document", in.Document).
		Set("dated", in.Dated).Set("total", in.TotalPaise).
		Set("commitment", in.Commitment).Set("committed_at", s.now().UnixMilli()).
		InTransaction(s.cfg.Table)
}
