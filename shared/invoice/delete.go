package invoice

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// Results of Delete.
const (
	Deleted         = "deleted"
	NothingToDelete = "nothing_to_delete"
)

var errNotCompensating = errors.New("delete an invoice: its saga is not being compensated")

// Delete removes the invoice of a saga that is being compensated. A number that came from a
// series stays, marked void, so that the series has no unexplained gap. A number that the
// client chose may be used again: no caller has seen it on an invoice. The transaction
// includes the check compensating, that the saga is in this state: it protects the invoice
// of a saga that has committed.
func (s *Store) Delete(ctx context.Context, sagaID string, compensating *types.ConditionCheck) (string, error) {
	item, err := s.read(ctx, invoiceKey(IDFromSaga(sagaID)), "the invoice to delete")
	if err != nil {
		return "", err
	}
	if len(item) == 0 {
		return NothingToDelete, nil
	}
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return "", fmt.Errorf("decode the invoice to delete: %w", err)
	}
	note, err := decode(item)
	if err != nil {
		return "", err
	}
	items, err := s.deleteItems(sagaID, r, note.Invoice, compensating)
	if err != nil {
		return "", err
	}
	err = dynamo.Transact(ctx, s.db, items...)
	if _, refused := dynamo.ConditionFailedAt(err, 0); refused {
		return "", errNotCompensating
	}
	if err != nil {
		return "", fmt.Errorf("delete an invoice: %w", err)
	}
	return Deleted, nil
}

// deleteItems returns the items of the transaction: the check of the saga, the invoice, its
// number, its external id, and of a note the balance of its original.
func (s *Store) deleteItems(
	sagaID string, r row, inv gst.Invoice, compensating *types.ConditionCheck,
) ([]types.TransactWriteItem, error) {
	invoice, err := dynamo.TransactDelete(s.table, invoiceKey(IDFromSaga(sagaID)), ofSaga(sagaID))
	if err != nil {
		return nil, err
	}
	number, err := s.releaseNumber(r)
	if err != nil {
		return nil, err
	}
	external, err := s.releaseExternalID(r)
	if err != nil {
		return nil, err
	}
	items := append([]types.TransactWriteItem{{ConditionCheck: compensating}, invoice, number}, external...)
	if inv.OriginalInvoiceID == "" {
		return items, nil
	}
	balance, err := s.unrecordNote(inv)
	return append(items, balance), err
}

// releaseNumber returns the item that frees a number that the client chose, or voids one
// that came from a series.
func (s *Store) releaseNumber(r row) (types.TransactWriteItem, error) {
	key := dynamo.Key(r.Number, numberSK)
	if r.Series == "" {
		return dynamo.TransactDelete(s.table, key, ofSaga(r.SagaID))
	}
	change := expression.Set(expression.Name("status"), expression.Value(void)).Remove(expression.Name("invoice_id"))
	return dynamo.TransactUpdate(s.table, key, change, ofSaga(r.SagaID))
}

// ofSaga is the condition that an item belongs to a saga.
func ofSaga(sagaID string) expression.ConditionBuilder {
	return expression.Name("saga_id").Equal(expression.Value(sagaID))
}
