package invoice

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/retention"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps invoices, their numbers and their series in one table.
type Store struct {
	db     API
	table  string
	buyers *privacy.Store // nil unless it opens contacts
}

// NewStore returns a Store. Invoices that it reads lack what was sealed; see WithContacts.
func NewStore(db API, table string) *Store { return &Store{db: db, table: table} }

// Issued is the status of an invoice, and of a number that an invoice bears.
const Issued = "ISSUED"

// Statuses lists the statuses of an invoice.
func Statuses() []string { return []string{Issued, Cancelled} }

// row is an invoice in the table.
type row struct {
	PK         string `dynamodbav:"pk"`
	SK         string `dynamodbav:"sk"`
	MerchantID string `dynamodbav:"merchant_id"`
	SagaID     string `dynamodbav:"saga_id"`
	ListedAt   string `dynamodbav:"listed_at"`            // created_at, then id: the order of a list
	Number     string `dynamodbav:"number_key"`           // the partition key of its number
	Series     string `dynamodbav:"series,omitempty"`     // of the number; empty if the client chose it
	External   string `dynamodbav:"external,omitempty"`   // the partition key of its external id, if it claims it
	Doc        []byte `dynamodbav:"doc"`                  // the invoice's JSON as issued, compressed, but for the contact
	Salt       []byte `dynamodbav:"salt,omitempty"`       // of the audit log's commitment to that JSON
	SubjectOf  string `dynamodbav:"subject_of,omitempty"` // merchant and subject of the sealed contact
	Contact    []byte `dynamodbav:"contact,omitempty"`    // its JSON, sealed
	// KeepUntil is the last day on which the law keeps the invoice; empty from earlier versions.
	KeepUntil gst.Date `dynamodbav:"keep_until,omitempty"`

	Cancellation *gst.Cancellation `dynamodbav:"cancellation,omitempty"` // nil unless it was cancelled
}

const invoiceSK = "INVOICE"

func invoicePK(id string) string { return "INVOICE#" + id }

func invoiceKey(id string) dynamo.Item { return dynamo.Key(invoicePK(id), invoiceSK) }

// New is an invoice to be written.
type New struct {
	Scope    NumberScope
	Invoice  gst.Invoice
	Series   string // of the number; empty if the client chose it
	Unique   bool   // the transaction has the item of ClaimExternalID too
	Document []byte // the JSON of the invoice without its contact, compressed
	Salt     []byte // of the audit log's commitment to that JSON
	Contact  Contact
}

// PutItems returns the items of a transaction that write an invoice and claim its number.
func (s *Store) PutItems(n New) ([]types.TransactWriteItem, error) {
	inv, number := n.Invoice, n.Scope.numberPK(n.Invoice.InvoiceNumber)
	r := row{
		PK: invoicePK(inv.ID), SK: invoiceSK, MerchantID: n.Scope.MerchantID, SagaID: inv.SagaID,
		ListedAt: inv.CreatedAt + "#" + inv.ID, Doc: n.Document, Salt: n.Salt, Number: number, Series: n.Series,
		KeepUntil: retention.Keep(inv.InvoiceDate, inv.SellerGSTIN).Until,
		SubjectOf: n.Contact.subjectOf, Contact: n.Contact.sealed,
	}
	if n.Unique {
		r.External = externalPK(inv)
	}
	invoice, err := s.putNew(r)
	if err != nil {
		return nil, err
	}
	claim, err := s.putNew(numberRow{
		PK: number, SK: numberSK, InvoiceID: inv.ID, SagaID: inv.SagaID, Status: Issued,
	})
	return []types.TransactWriteItem{invoice, claim}, err
}

func (s *Store) putNew(row any) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return dynamo.TransactPut(s.table, item, dynamo.Absent())
}

// Write sends a transaction that contains the items of PutItems and AdvanceSeries.
func (s *Store) Write(ctx context.Context, items []types.TransactWriteItem) error {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

// Get reads an invoice of a tenant by id, strongly consistent. Error: *problem.Error of kind
// NotFound, also for another's invoice.
func (s *Store) Get(ctx context.Context, t caller.Tenant, id string) (gst.Invoice, error) {
	inv, err := s.Load(ctx, id)
	if err == nil && !t.Owns(inv.SellerMerchantID) {
		return gst.Invoice{}, NotFound()
	}
	return inv, err
}

// Load reads any merchant's invoice by id, strongly consistent, for a saga or a health check. Error:
// *problem.Error of kind NotFound.
func (s *Store) Load(ctx context.Context, id string) (gst.Invoice, error) {
	if len(id) != idLength {
		return gst.Invoice{}, NotFound()
	}
	item, err := s.read(ctx, invoiceKey(id), "an invoice")
	if err == nil && len(item) == 0 {
		err = NotFound()
	}
	if err != nil {
		return gst.Invoice{}, err
	}
	return s.opened(ctx, item)
}

// read reads an item, strongly consistent; empty if there is none. what names it in an error.
func (s *Store) read(ctx context.Context, key dynamo.Item, what string) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return out.Item, nil
}

// NotFound returns the error of an invoice that does not exist. Another merchant's invoice
// must return the same, so that its existence is not revealed.
func NotFound() error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "invoice_not_found", Message: "this merchant has no invoice with this id",
	}
}

// stored is an invoice as read from the table, without its contact.
type stored struct {
	gst.Invoice

	subjectOf string
	contact   []byte // sealed; empty if there is none
	json      []byte // as issued, without the contact
	salt      []byte // of the audit log's commitment to the JSON
}

func decode(item dynamo.Item) (stored, error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return stored{}, fmt.Errorf("decode an invoice: %w", err)
	}
	body, err := idempotency.Decompress(r.Doc)
	if err != nil {
		return stored{}, err
	}
	inv := stored{subjectOf: r.SubjectOf, contact: r.Contact, json: body, salt: r.Salt}
	if err := json.Unmarshal(body, &inv.Invoice); err != nil {
		return stored{}, fmt.Errorf("decode an invoice: %w", err)
	}
	if r.Cancellation != nil {
		inv.Status, inv.Cancellation = Cancelled, r.Cancellation
	}
	return inv, nil
}
