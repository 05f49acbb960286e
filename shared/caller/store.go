package caller

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	dynamo.Putter
	dynamo.Updater
	dynamo.Transactor
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	DeleteItem(
		context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.DeleteItemOutput, error)
}

// Store keeps the public halves of keys, and clients, in the keys table.
type Store struct {
	db    API
	table string
	now   func() time.Time
}

// NewStore returns a Store. The clock dates revocations and the ends of secrets.
func NewStore(db API, table string, now func() time.Time) *Store {
	return &Store{db: db, table: table, now: now}
}

// What every verifier reads lies in one partition.
const (
	keysPK        = "KEYS"
	keyPrefix     = "TOKEN#"
	revokedPrefix = "REVOKED#"
)

// row is an item of the partition of keys. Times are Unix milliseconds, except TTL's seconds.
type row struct {
	PK            string `dynamodbav:"pk"`
	SK            string `dynamodbav:"sk"`
	KMSKey        string `dynamodbav:"kms_key,omitempty"`
	JWK           string `dynamodbav:"jwk,omitempty"`
	SignsFrom     int64  `dynamodbav:"signs_from,omitempty"`
	SignsUntil    int64  `dynamodbav:"signs_until,omitempty"`
	VerifiesUntil int64  `dynamodbav:"verifies_until,omitempty"`
	RevokedUntil  int64  `dynamodbav:"revoked_until,omitempty"`
	TTL           int64  `dynamodbav:"ttl,omitempty"`
}

// Known reads keys and revoked clients, strongly consistent, with one Query.
func (s *Store) Known(ctx context.Context) (Known, error) {
	items, err := dynamo.QueryAll(ctx, s.db, s.table, expression.Key("pk").Equal(expression.Value(keysPK)))
	if err != nil {
		return Known{}, fmt.Errorf("read the keys of tokens: %w", err)
	}
	known := Known{Revoked: map[string]time.Time{}}
	for _, item := range items {
		if err := known.add(item); err != nil {
			return Known{}, err
		}
	}
	return known, nil
}

// add adds an item. One of a kind that this version does not know is left to the version that
// does.
func (k *Known) add(item dynamo.Item) error {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return fmt.Errorf("decode an item of keys: %w", err)
	}
	if client, ok := strings.CutPrefix(r.SK, revokedPrefix); ok {
		k.Revoked[client] = time.UnixMilli(r.RevokedUntil)
	}
	if id, ok := strings.CutPrefix(r.SK, keyPrefix); ok {
		key := Key{
			ID: id, KMSKey: r.KMSKey, SignsFrom: time.UnixMilli(r.SignsFrom), SignsUntil: time.UnixMilli(r.SignsUntil),
			VerifiesUntil: time.UnixMilli(r.VerifiesUntil),
		}
		if err := json.Unmarshal([]byte(r.JWK), &key.Public); err != nil {
			return fmt.Errorf("decode key %s: %w", id, err)
		}
		k.Keys = append(k.Keys, key)
	}
	return nil
}

// AddKey adds a key. A repetition changes nothing, so that the key may have been withdrawn
// between the two.
func (s *Store) AddKey(ctx context.Context, k Key) error {
	public, err := json.Marshal(k.Public)
	if err != nil {
		return fmt.Errorf("encode key %s: %w", k.ID, err)
	}
	item, err := attributevalue.MarshalMap(row{
		PK: keysPK, SK: keyPrefix + k.ID, KMSKey: k.KMSKey, JWK: string(public), SignsFrom: k.SignsFrom.UnixMilli(),
		SignsUntil: k.SignsUntil.UnixMilli(), VerifiesUntil: k.VerifiesUntil.UnixMilli(),
	})
	if err != nil {
		return err
	}
	if err = dynamo.Put(ctx, s.db, s.table, item, dynamo.Absent()); dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}

// Withdraw ends a key now: no token that it signed is valid a minute later. It reports whether
// there is such a key. One that has ended keeps its time.
func (s *Store) Withdraw(ctx context.Context, id string) (bool, error) {
	now, until := s.now().UnixMilli(), expression.Name("verifies_until")
	_, err := dynamo.Update(ctx, s.db, s.table, dynamo.Key(keysPK, keyPrefix+id),
		expression.Set(until, expression.Value(now)), until.GreaterThan(expression.Value(now)), types.ReturnValueNone)
	if dynamo.ConditionFailed(err) {
		return dynamo.ConflictingItem(err) != nil, nil
	}
	return err == nil, err
}

// RemoveKey removes a key that has ended.
func (s *Store) RemoveKey(ctx context.Context, id string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: dynamo.Key(keysPK, keyPrefix+id),
	})
	return err
}
