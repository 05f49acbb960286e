package privacy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	dynamo.Putter
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
}

// Store keeps the keys of buyers, and the secret that their pseudonyms are made with, in the keys
// table.
type Store struct {
	db    API
	table string
	now   func() time.Time

	mu     sync.Mutex
	secret []byte
	memory map[Ref]remembered
}

// NewStore returns a Store. The clock decides whether an erasure is effective.
func NewStore(db API, table string, now func() time.Time) *Store {
	return &Store{db: db, table: table, now: now}
}

const (
	secretPK     = "PRIVACY"
	secretSK     = "SECRET"
	contactSK    = "CONTACT"
	erasedPrefix = "ERASED#"
)

var errMalformed = errors.New("an item of the keys table is malformed")

func subjectPK(merchant, subject string) string { return "SUBJECT#" + merchant + "#" + subject }

func contactKey(merchant, subject string) dynamo.Item {
	return dynamo.Key(subjectPK(merchant, subject), contactSK)
}

// Key reads the key of a buyer that is in force, strongly consistent. It is empty if there is
// none, or its erasure is effective.
func (s *Store) Key(ctx context.Context, merchant, subject string) (Key, error) {
	item, err := s.read(ctx, contactKey(merchant, subject))
	if err != nil {
		return nil, fmt.Errorf("read the key of a buyer: %w", err)
	}
	return s.KeyInForce(item)
}

// KeyInForce returns the key of a buyer's item, for example the one that refused PutKey. It is empty
// if there is none, or its erasure is effective.
func (s *Store) KeyInForce(item dynamo.Item) (Key, error) {
	ends, err := seconds(item["ttl"])
	if err != nil || !ends.IsZero() && !ends.After(s.now()) {
		return nil, err
	}
	return keyOf(item)
}

// keyOf returns the key of a CONTACT item; empty if there is none.
func keyOf(item dynamo.Item) (Key, error) {
	if len(item) == 0 {
		return nil, nil
	}
	key := Key(dynamo.Bytes(item["key"]))
	if len(key) != keySize {
		return nil, errMalformed
	}
	return key, nil
}

// PutKey returns the item of a transaction that gives a buyer a new key. Its condition fails if the
// buyer has a key in force by then, which KeyInForce returns from the item that refused it.
func (s *Store) PutKey(merchant, subject string, k Key) (types.TransactWriteItem, error) {
	item := contactKey(merchant, subject)
	item["key"], item["key_id"] = dynamo.B(k), dynamo.S(k.ID())
	ended := expression.Name("ttl").LessThanEqual(expression.Value(s.now().Unix()))
	return dynamo.TransactPut(s.table, item, dynamo.Absent().Or(ended))
}

func (s *Store) read(ctx context.Context, key dynamo.Item) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}
