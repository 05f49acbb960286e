// Package merchant stores the profiles of sellers.
package merchant

import (
	"context"
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
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Store keeps profiles in the platform table.
type Store struct {
	db    API
	table string
	now   func() time.Time
}

// NewStore returns a Store. The clock dates the profiles' updates.
func NewStore(db API, table string, now func() time.Time) *Store {
	return &Store{db: db, table: table, now: now}
}

type row struct {
	PK         string `dynamodbav:"pk"`
	SK         string `dynamodbav:"sk"`
	MerchantID string `dynamodbav:"merchant_id"`
	Name       string `dynamodbav:"name"`
	GSTIN      string `dynamodbav:"gstin"`
	Address    string `dynamodbav:"address,omitempty"`
	Compliance string `dynamodbav:"compliance"`
	UpdatedAt  int64  `dynamodbav:"updated_at"` // Unix milliseconds
}

const (
	prefix    = "MERCHANT#"
	profileSK = "PROFILE"
)

// Put creates or replaces a profile.
func (s *Store) Put(ctx context.Context, m Profile) error {
	item, err := attributevalue.MarshalMap(row{
		PK: prefix + m.ID, SK: profileSK, MerchantID: m.ID, Name: m.Name, GSTIN: string(m.GSTIN),
		Address: m.Address, Compliance: m.Compliance, UpdatedAt: s.now().UnixMilli(),
	})
	if err != nil {
		return err
	}
	if _, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: item}); err != nil {
		return fmt.Errorf("write a merchant: %w", err)
	}
	return nil
}

// Get reads a profile, strongly consistent. Error: *problem.Error of kind NotFound.
func (s *Store) Get(ctx context.Context, id string) (Profile, error) {
	if !gst.ValidMerchantID(id) {
		return Profile{}, notFound()
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: dynamo.Key(prefix+id, profileSK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Profile{}, fmt.Errorf("read a merchant: %w", err)
	}
	if len(out.Item) == 0 {
		return Profile{}, notFound()
	}
	var r row
	if err := attributevalue.UnmarshalMap(out.Item, &r); err != nil {
		return Profile{}, fmt.Errorf("decode a merchant: %w", err)
	}
	return Profile{
		ID: r.MerchantID, Name: r.Name, GSTIN: gst.GSTIN(r.GSTIN), Address: r.Address, Compliance: r.Compliance,
	}, nil
}

func notFound() error {
	return &problem.Error{Kind: problem.NotFound, Code: "merchant_not_found", Message: "no merchant has this id"}
}
