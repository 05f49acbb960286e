// Package merchant stores the profiles of sellers.
package merchant

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Store keeps profiles in the platform table.
type Store struct {
	db       API
	table    string
	now      func() time.Time
	onChange func(ctx context.Context, c Change) error // nil for none
}

// NewStore returns a Store. The clock dates the profiles' updates.
func NewStore(db API, table string, now func() time.Time) *Store {
	return &Store{db: db, table: table, now: now}
}

// WithOnChange returns a Store that calls f before it creates or changes a profile. Its error keeps the
// profile as it is. An attempt that meets another writer calls it again.
func (s *Store) WithOnChange(f func(ctx context.Context, c Change) error) *Store {
	hooked := *s
	hooked.onChange = f
	return &hooked
}

type row struct {
	PK         string         `dynamodbav:"pk"`
	SK         string         `dynamodbav:"sk"`
	MerchantID string         `dynamodbav:"merchant_id"`
	Name       string         `dynamodbav:"name"`
	GSTIN      string         `dynamodbav:"gstin"`
	Address    string         `dynamodbav:"address,omitempty"`
	Compliance string         `dynamodbav:"compliance"`
	Turnover   []gst.Turnover `dynamodbav:"turnover,omitempty"`
	Exempt     string         `dynamodbav:"e_invoice_exempt,omitempty"`
	Details    string         `dynamodbav:"details,omitempty"` // JSON
	UniqueIDs  bool           `dynamodbav:"unique_external_ids,omitempty"`
	Closed     string         `dynamodbav:"closed_through,omitempty"`
	ClosedAt   int64          `dynamodbav:"closed_at,omitempty"` // Unix milliseconds
	UpdatedAt  int64          `dynamodbav:"updated_at"`          // Unix milliseconds
	InUse      bool           `dynamodbav:"in_use,omitempty"`
}

const (
	prefix    = "MERCHANT#"
	profileSK = "PROFILE"
)

func profileKey(id string) dynamo.Item { return dynamo.Key(prefix+id, profileSK) }

// Get reads a profile, strongly consistent. Error: *problem.Error of kind NotFound.
func (s *Store) Get(ctx context.Context, id string) (Profile, error) {
	p, _, err := s.read(ctx, id)
	return p, err
}

// read returns a profile and when it was written, in Unix milliseconds.
func (s *Store) read(ctx context.Context, id string) (Profile, int64, error) {
	if !gst.ValidMerchantID(id) {
		return Profile{}, 0, NotFound()
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: profileKey(id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Profile{}, 0, fmt.Errorf("read a merchant: %w", err)
	}
	if len(out.Item) == 0 {
		return Profile{}, 0, NotFound()
	}
	return decode(out.Item)
}

func decode(item dynamo.Item) (p Profile, writtenAt int64, err error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Profile{}, 0, fmt.Errorf("decode a merchant: %w", err)
	}
	p = Profile{
		ID: r.MerchantID, Name: r.Name, GSTIN: gst.GSTIN(r.GSTIN), Address: r.Address, Compliance: r.Compliance,
		Turnover: r.Turnover, EInvoiceExempt: r.Exempt, InUse: r.InUse,
		UniqueExternalIDs: r.UniqueIDs, ClosedThrough: gst.Month(r.Closed),
	}
	if r.ClosedAt != 0 {
		closed := time.UnixMilli(r.ClosedAt)
		p.ClosedAt, p.FinalAt = timestamp(closed), timestamp(closed.Add(Settling))
	}
	if r.Details == "" {
		return p, r.UpdatedAt, nil
	}
	if err := json.Unmarshal([]byte(r.Details), &p.Details); err != nil {
		return Profile{}, 0, fmt.Errorf("decode a merchant's details: %w", err)
	}
	return p, r.UpdatedAt, nil
}

// NotFound returns the error of a merchant that does not exist. Another merchant than the caller's
// must return the same.
func NotFound() error {
	return &problem.Error{Kind: problem.NotFound, Code: "merchant_not_found", Message: "no merchant has this id"}
}
