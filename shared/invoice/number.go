package invoice

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// IDFromSaga returns the id of a saga's invoice: a UUID (version 8, RFC 9562) derived from
// the saga's id, so that a saga has one invoice at most and its id need not be stored.
func IDFromSaga(sagaID string) string {
	h := sha256.Sum256([]byte("invoice\x00" + sagaID))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// idLength is the length of an invoice's id.
const idLength = 36

// NumberScope is the scope in which a number is unique, compared without case (CGST
// rule 46(b)): one seller, document type and financial year such as `2526`.
type NumberScope struct {
	MerchantID, DocumentType, FinancialYear string
}

// numberRow claims a number permanently.
type numberRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	InvoiceID string `dynamodbav:"invoice_id"` // empty if the number is void
	SagaID    string `dynamodbav:"saga_id"`
	Status    string `dynamodbav:"status"` // Issued or void
}

const numberSK = "NUMBER"

// void is the status of a number of a series whose invoice was deleted. It is never used
// again.
const void = "VOID"

func (s NumberScope) numberPK(number string) string {
	return "NUMBER#" + s.MerchantID + "#" + s.DocumentType + "#" + s.FinancialYear + "#" + strings.ToUpper(number)
}

// ByNumber reads the invoice that bears a number, compared without case. Error:
// *problem.Error of kind NotFound, also for a void number.
func (s *Store) ByNumber(ctx context.Context, scope NumberScope, number string) (gst.Invoice, error) {
	n, err := s.number(ctx, scope, number)
	if err != nil {
		return gst.Invoice{}, err
	}
	if n.InvoiceID == "" {
		return gst.Invoice{}, numberNotFound()
	}
	return s.Load(ctx, n.InvoiceID)
}

// SagaOfNumber returns the id of the saga that claimed a number, compared without case, also
// for a void number. Error: *problem.Error of kind NotFound.
func (s *Store) SagaOfNumber(ctx context.Context, scope NumberScope, number string) (string, error) {
	n, err := s.number(ctx, scope, number)
	if err == nil && n.SagaID == "" {
		err = numberNotFound()
	}
	return n.SagaID, err
}

// number reads a number's item; the zero value if there is none.
func (s *Store) number(ctx context.Context, scope NumberScope, number string) (numberRow, error) {
	item, err := s.read(ctx, dynamo.Key(scope.numberPK(number), numberSK), "a number")
	if err != nil {
		return numberRow{}, err
	}
	var n numberRow
	if err := attributevalue.UnmarshalMap(item, &n); err != nil {
		return numberRow{}, fmt.Errorf("decode a number: %w", err)
	}
	return n, nil
}

func numberNotFound() error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "invoice_not_found", Message: "this merchant has no invoice with this number",
	}
}
