package invoice

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// API is the part of the DynamoDB client that a Store calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps invoices, their numbers and the series they are allocated from.
type Store struct {
	db    API
	table string
}

// NewStore returns a Store over one table.
func NewStore(db API, table string) *Store { return &Store{db: db, table: table} }

// Statuses of an invoice and of a number. A void number is never used again.
const (
	Issued = "ISSUED"
	Void   = "VOID"
)

// row is an invoice as the table holds it; Doc is the packed wire document.
type row struct {
	PK         string `dynamodbav:"pk"`
	SK         string `dynamodbav:"sk"`
	MerchantID string `dynamodbav:"merchant_id"`
	SagaID     string `dynamodbav:"saga_id"`
	ListedAt   string `dynamodbav:"listed_at"`        // created_at, then id: the order of a list
	Number     string `dynamodbav:"number_key"`       // the partition key of its number
	Series     string `dynamodbav:"series,omitempty"` // that we allocated the number from
	Doc        []byte `dynamodbav:"doc"`
}

// numberRow holds a number for good; InvoiceID is empty when it is void.
type numberRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	InvoiceID string `dynamodbav:"invoice_id"`
	SagaID    string `dynamodbav:"saga_id"`
	Status    string `dynamodbav:"status"`
}

// IDFromSaga is the invoice id of a saga: a UUID (version 8, RFC 9562) derived from the
// saga's, so that a saga can have no second invoice and its invoice can be found
// without being told its id.
func IDFromSaga(sagaID string) string {
	h := sha256.Sum256([]byte("invoice\x00" + sagaID))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func invoiceKey(id string) dynamo.Item { return key("INVOICE#"+id, "INVOICE") }

func key(pk, sk string) dynamo.Item {
	return dynamo.Item{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

// NumberScope is the scope in which a number is unique, compared without case (CGST
// rule 46(b)): one seller, document type and financial year such as `2526`.
type NumberScope struct {
	MerchantID, DocumentType, FinancialYear string
}

func (r NumberScope) numberKey(number string) string {
	return "NUMBER#" + r.MerchantID + "#" + r.DocumentType + "#" + r.FinancialYear + "#" + strings.ToUpper(number)
}

// PutItems are the transaction's items that write the invoice and take its number.
func (s *Store) PutItems(r NumberScope, inv gst.Invoice, series string, packed []byte) ([]types.TransactWriteItem, error) {
	doc, err := attributevalue.MarshalMap(row{
		PK: "INVOICE#" + inv.ID, SK: "INVOICE", MerchantID: r.MerchantID, SagaID: inv.SagaID,
		ListedAt: inv.CreatedAt + "#" + inv.ID, Doc: packed,
		Number: r.numberKey(inv.InvoiceNumber), Series: series,
	})
	if err != nil {
		return nil, err
	}
	taken, err := attributevalue.MarshalMap(numberRow{
		PK: r.numberKey(inv.InvoiceNumber), SK: "NUMBER", InvoiceID: inv.ID, SagaID: inv.SagaID, Status: Issued,
	})
	if err != nil {
		return nil, err
	}
	return []types.TransactWriteItem{s.putNew(doc), s.putNew(taken)}, nil
}

// Write sends a transaction that holds items of PutItems and AdvanceSeries.
func (s *Store) Write(ctx context.Context, items []types.TransactWriteItem) error {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

func (s *Store) putNew(item dynamo.Item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

// Get reads an invoice by id, strongly consistent. Error: problem.NotFound.
func (s *Store) Get(ctx context.Context, id string) (gst.Invoice, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: invoiceKey(id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return gst.Invoice{}, fmt.Errorf("read an invoice: %w", err)
	}
	if len(out.Item) == 0 {
		return gst.Invoice{}, &problem.Error{Kind: problem.NotFound, Code: "invoice_not_found", Message: "there is no such invoice"}
	}
	return decode(out.Item)
}

func decode(item dynamo.Item) (gst.Invoice, error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return gst.Invoice{}, fmt.Errorf("decode an invoice: %w", err)
	}
	body, err := idempotency.Decompress(r.Doc)
	if err != nil {
		return gst.Invoice{}, err
	}
	var inv gst.Invoice
	if err := json.Unmarshal(body, &inv); err != nil {
		return gst.Invoice{}, fmt.Errorf("decode an invoice: %w", err)
	}
	return inv, nil
}

// ByNumber reads the invoice that a number was given to; number is compared
// without case. Errors: problem.NotFound, also for a void number.
func (s *Store) ByNumber(ctx context.Context, r NumberScope, number string) (gst.Invoice, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: key(r.numberKey(number), "NUMBER"), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return gst.Invoice{}, fmt.Errorf("read a number: %w", err)
	}
	var n numberRow
	if err := attributevalue.UnmarshalMap(out.Item, &n); err != nil {
		return gst.Invoice{}, fmt.Errorf("decode a number: %w", err)
	}
	if n.InvoiceID == "" {
		return gst.Invoice{}, &problem.Error{Kind: problem.NotFound, Code: "invoice_not_found", Message: "no invoice has this number"}
	}
	return s.Get(ctx, n.InvoiceID)
}

var errNotCompensating = errors.New("delete an invoice: its saga is not being undone")
