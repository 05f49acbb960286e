// Package optimistic updates a DynamoDB item that several processes write: it reads the item,
// lets the caller change it, and writes it under the condition that its version is unchanged.
//
// It is for a change that depends on the whole item. A change that its own condition can guard
// is better sent as one conditional update, without a read.
package optimistic

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// API is the subset of the DynamoDB client that Update uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	dynamo.Putter
}

// Table names a table and the version attribute of its items.
type Table struct {
	DB   API
	Name string
	// Version is the numeric attribute that every write of an item increases, with Update or
	// without it.
	Version string
}

// maxAttempts bounds the reads and writes of one Update.
const maxAttempts = 10

// writers is the attribute with the tokens of the last writes, newest first. A write whose
// reply was lost finds its token there even if other writes followed.
const (
	writers    = "writers"
	maxWriters = 8
)

// ConflictError is returned when every attempt met another writer. Nothing was written.
type ConflictError struct {
	Key      dynamo.Item
	Attempts int
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("the item was changed by another writer in each of %d attempts", e.Attempts)
}

var errVersion = errors.New("an optimistic update must increase the version")

// Update replaces the item under key by the result of change and returns it. change gets the
// zero T if there is no item. It must increase the version, and it is called again after a
// conflict, with the newer item. An error of change ends the update and is returned unchanged.
// Attributes that T does not have are kept. Errors: *ConflictError after 10 attempts, ctx's
// error, what DynamoDB returned.
func Update[T any](ctx context.Context, t Table, key dynamo.Item, change func(T) (T, error)) (T, error) {
	backoff := resilience.Backoff{First: 5 * time.Millisecond, Last: 200 * time.Millisecond}
	token := rand.Text()
	var none T
	item, err := t.read(ctx, key)
	if err != nil {
		return none, err
	}
	for range maxAttempts {
		next, changed, err := applyChange(t, item, change)
		if err != nil {
			return none, err
		}
		err = t.write(ctx, key, item, changed, token)
		if err == nil {
			return next, nil
		}
		if !dynamo.ConditionFailed(err) && !dynamo.OutcomeUnknown(err) && !dynamo.Contended(err) {
			return none, fmt.Errorf("write item: %w", err)
		}
		if err := backoff.Wait(ctx); err != nil {
			return none, err
		}
		if item, err = t.read(ctx, key); err != nil {
			return none, err
		}
		if slices.Contains(tokens(item), token) {
			return next, nil // the write landed and its reply was lost
		}
	}
	return none, &ConflictError{key, maxAttempts}
}

func (t Table) read(ctx context.Context, key dynamo.Item) (dynamo.Item, error) {
	out, err := t.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: key, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	return out.Item, nil
}

// applyChange returns the changed value and its attributes.
func applyChange[T any](t Table, old dynamo.Item, change func(T) (T, error)) (T, dynamo.Item, error) {
	var next T
	if err := attributevalue.UnmarshalMap(old, &next); err != nil {
		return next, nil, fmt.Errorf("decode item: %w", err)
	}
	next, err := change(next)
	if err != nil {
		return next, nil, err
	}
	changed, err := attributevalue.MarshalMap(next)
	if err == nil && versionOf(changed[t.Version]) <= versionOf(old[t.Version]) {
		err = errVersion
	}
	return next, changed, err
}

// write replaces the item by its old attributes with the changed ones over them, if its version
// is unchanged.
func (t Table) write(ctx context.Context, key, old, changed dynamo.Item, token string) error {
	unchanged := expression.Name(t.Version).Equal(expression.Value(versionOf(old[t.Version])))
	if old[t.Version] == nil {
		unchanged = expression.AttributeNotExists(expression.Name(t.Version))
	}
	item := maps.Clone(old)
	if item == nil {
		item = dynamo.Item{}
	}
	maps.Copy(item, changed)
	maps.Copy(item, key)
	last := append([]string{token}, tokens(old)...)
	var err error
	if item[writers], err = attributevalue.Marshal(last[:min(len(last), maxWriters)]); err != nil {
		return err
	}
	return dynamo.Put(ctx, t.DB, t.Name, item, unchanged)
}

// versionOf returns the value of a version attribute; 0 if it is missing or not a number.
func versionOf(v types.AttributeValue) int64 {
	var n int64
	_ = attributevalue.Unmarshal(v, &n)
	return n
}

// tokens returns the tokens of the last writes, newest first.
func tokens(item dynamo.Item) []string {
	var list []string
	_ = attributevalue.Unmarshal(item[writers], &list)
	return list
}
