package saga

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// Hold moves BEGUN to CANCELLING. It returns the item of the transaction that holds the invoice:
// it answers the key, and after it nothing but the steps in pending and the log and the event are
// owed. record is the saga as it is after the transaction, for its execution.
func (s *Store) Hold(
	b BeginResult, in CommitInput, pending []string, steps []StepAttempt,
) (item types.TransactWriteItem, record Record, err error) {
	r := b.Saga
	r.State, r.Pending, r.Steps = Cancelling, pending, append(r.Steps, steps...)
	r.InvoiceID, r.Number, r.Document = in.InvoiceID, in.Number, in.Document
	r.Dated, r.TotalPaise = in.Dated, in.TotalPaise
	answered, err := s.keys.CompletePending(b.Claim, in.Status, in.Compressed)
	if err != nil {
		return types.TransactWriteItem{}, Record{}, err
	}
	answered = s.setDue(answered, &r, s.now().Add(s.cfg.StartTimeout))
	item, err = answered.Set("state", r.State).Set("steps", r.Steps).Set("pending", r.Pending).
		Set("invoice_id", in.InvoiceID).Set("number", in.Number).Set("document", in.Document).
		Set("dated", in.Dated).Set("total", in.TotalPaise).Set(attention, r.MerchantID).
		InTransaction(s.cfg.Table)
	return item, r, err
}

// CancellingCheck returns the condition, for the transaction of a step, that the saga is cancelling
// its invoice. Error: problem.NotFound for a malformed saga id.
func (s *Store) CancellingCheck(sagaID string) (types.TransactWriteItem, error) {
	hash, ok := keyHashOf(sagaID)
	if !ok {
		return types.TransactWriteItem{}, notFound(sagaID)
	}
	return dynamo.TransactCheck(s.cfg.Table, idempotency.ItemKey(hash),
		expression.Name("saga_id").Equal(expression.Value(sagaID)).
			And(expression.Name("state").Equal(expression.Value(Cancelling))))
}
