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

// Cancelled is the status of an invoice that was cancelled. Its number is void.
const Cancelled = "CANCELLED"

// Results of Cancel.
const (
	Voided      = "voided"
	AlreadyVoid = "already_void"
)

var errNotHeld = errors.New("void a number: its invoice is not held by this saga")

// Hold returns the item of a transaction that holds an invoice for a cancellation. Its condition
// fails if a note corrects the invoice, or another cancellation holds it: Held tells which by the
// item that ConditionFailedAt returns. From then on no note can be issued.
func (s *Store) Hold(invoiceID string, c gst.Cancellation) (types.TransactWriteItem, error) {
	notes := expression.Name(noteCount)
	return dynamo.TransactUpdate(s.table, balanceKey(invoiceID),
		expression.Set(expression.Name(cancelled), expression.Value(c)),
		expression.AttributeNotExists(expression.Name(cancelled)).
			And(notes.AttributeNotExists().Or(notes.Equal(expression.Value(0)))))
}

// Held reports whether a balance that refused Hold belongs to an invoice that a cancellation holds.
// If not, a note corrects the invoice.
func Held(balance dynamo.Item) bool { return balance[cancelled] != nil }

// Cancel marks an invoice that a saga holds as cancelled, and its number as void for good. cancelling
// is the check, in the same transaction, that the saga is at it. Cancelling again changes nothing.
func (s *Store) Cancel(
	ctx context.Context, invoiceID, sagaID string, cancelling types.TransactWriteItem,
) (string, error) {
	r, err := s.load(ctx, invoiceID)
	if err != nil {
		return "", err
	}
	if r.Cancellation != nil && r.Cancellation.SagaID == sagaID {
		return AlreadyVoid, nil
	}
	c, err := s.hold(ctx, invoiceID)
	if err != nil {
		return "", err
	}
	if c.SagaID != sagaID {
		return "", errNotHeld
	}
	items, err := s.cancelItems(r, c)
	if err != nil {
		return "", err
	}
	if err := dynamo.Transact(ctx, s.db, append([]types.TransactWriteItem{cancelling}, items...)...); err != nil {
		return "", fmt.Errorf("void a number: %w", err)
	}
	return Voided, nil
}

// cancelItems returns the items of the transaction besides the check of the saga: the invoice, its
// number, and its external id, which another document may then have.
func (s *Store) cancelItems(r row, c gst.Cancellation) ([]types.TransactWriteItem, error) {
	invoice, err := dynamo.TransactUpdate(s.table, dynamo.Key(r.PK, r.SK),
		expression.Set(expression.Name("cancellation"), expression.Value(c)),
		ofSaga(r.SagaID).And(expression.AttributeNotExists(expression.Name("cancellation"))))
	if err != nil {
		return nil, err
	}
	number, err := dynamo.TransactUpdate(s.table, dynamo.Key(r.Number, numberSK),
		expression.Set(expression.Name("status"), expression.Value(void)), ofSaga(r.SagaID))
	if err != nil {
		return nil, err
	}
	external, err := s.releaseExternalID(r)
	return append([]types.TransactWriteItem{invoice, number}, external...), err
}

// load reads an invoice's item. Error: *problem.Error of kind NotFound.
func (s *Store) load(ctx context.Context, id string) (r row, err error) {
	item, err := s.read(ctx, invoiceKey(id), "an invoice")
	if err == nil && len(item) == 0 {
		err = NotFound()
	}
	if err != nil {
		return row{}, err
	}
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return row{}, fmt.Errorf("decode an invoice: %w", err)
	}
	return r, nil
}

// hold reads the cancellation that holds an invoice; the zero value if none does.
func (s *Store) hold(ctx context.Context, invoiceID string) (gst.Cancellation, error) {
	item, err := s.read(ctx, balanceKey(invoiceID), "the hold of an invoice")
	if err != nil {
		return gst.Cancellation{}, err
	}
	var b struct {
		Cancelled gst.Cancellation `dynamodbav:"cancelled"`
	}
	if err := attributevalue.UnmarshalMap(item, &b); err != nil {
		return gst.Cancellation{}, fmt.Errorf("decode the hold of an invoice: %w", err)
	}
	return b.Cancelled, nil
}
