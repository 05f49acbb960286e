package idempotency

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Config configures a Store. Zero values mean the defaults noted on each field.
type Config struct {
	Table     string
	Retention time.Duration // how long an answer is replayed; default 24 h
	Memory    time.Duration // how long a key is remembered once it is answered or released; default 35 days
	Lease     time.Duration // maximum lease of a claim; default 15 s
	Margin    time.Duration // subtracted from the context's deadline when a lease is taken; default 200 ms
}

// Store keeps the records of keys in one table. It has no state of its own.
type Store struct {
	db  API
	cfg Config
	now func() time.Time
}

// New returns a Store. Clocks of different instances may differ: an instance whose clock is
// ahead takes a lease over early, and the fence then refuses the former owner's writes.
func New(db API, cfg Config, now func() time.Time) *Store {
	cfg.Retention = cmp.Or(cfg.Retention, 24*time.Hour)
	cfg.Memory = cmp.Or(cfg.Memory, 35*24*time.Hour)
	cfg.Lease = cmp.Or(cfg.Lease, 15*time.Second)
	cfg.Margin = cmp.Or(cfg.Margin, 200*time.Millisecond)
	return &Store{db: db, cfg: cfg, now: now}
}

func (s *Store) get(ctx context.Context, keyHash string) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.cfg.Table, Key: ItemKey(keyHash), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read a key's record: %w", err)
	}
	return out.Item, nil
}
