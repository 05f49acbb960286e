// Package optimistic updates a DynamoDB item that others write too: it reads, lets
// the caller decide, and writes on the condition that nobody wrote meanwhile.
//
// It is for a decision that needs the whole item. A change that a condition of its
// own can guard is better sent as one conditional update, without a read.
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

// API is the part of the DynamoDB client that Update calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Table says where items are and how a write is told from the one before.
type Table struct {
	DB   API
	Name string
	// Version is the number that every writer of such an item raises, Update or not.
	Version string
}

// attempts bounds the reads and writes of one Update.
const attempts = 10

// writers is the attribute by which a write whose reply was lost knows itself,
// although others have written since: the tokens of the last ones, newest first.
const (
	writers     = "writers"
	keptWriters = 8
)

// ConflictError says that others kept writing the item. Nothing was written.
type ConflictError struct {
	Key      dynamo.Item
	Attempts int
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("an item was written by others in each of %d attempts", e.Attempts)
}

var errVersion = errors.New("an optimistic update must raise the version")

// Update replaces the item under key by what change makes of it, and returns what
// was written. change gets the zero T when there is no item; it must raise the
// version; it may be called again on a newer item; an error of its own ends the
// update and is returned as it is. Attributes that T does not know are kept.
// Errors: *ConflictError after 10 attempts, ctx's error, what DynamoDB returned.
func Update[T any](ctx context.Context, t Table, key dynamo.Item, change func(T) (T, error)) (T, error) {
	pause := resilience.Backoff{First: 5 * time.Millisecond, Last: 200 * time.Millisecond}
	token := rand.Text()
	var none T
	item, err := t.read(ctx, key)
	if err != nil {
		return none, err
	}
	for range attempts {
		next, changed, err := decide(t, item, change)
		if err != nil {
			return none, err
		}
		err = t.write(ctx, key, item, changed, token)
		if err == nil {
			return next, nil
		}
		if !dynamo.ConditionFailed(err) && !dynamo.OutcomeUnknown(err) && !dynamo.Contended(err) {
			return none, fmt.Errorf("write an item: %w", err)
		}
		if err := pause.Wait(ctx); err != nil {
			return none, err
		}
		if item, err = t.read(ctx, key); err != nil {
			return none, err
		}
		if slices.Contains(tokens(item), token) {
			return next, nil // its reply was lost
		}
	}
	return none, &ConflictError{key, attempts}
}

func (t Table) read(ctx context.Context, key dynamo.Item) (dynamo.Item, error) {
	out, err := t.DB.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.Name, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read an item: %w", err)
	}
	return out.Item, nil
}

// decide has change make the attributes to write.
func decide[T any](t Table, read dynamo.Item, change func(T) (T, error)) (T, dynamo.Item, error) {
	var next T
	if err := attributevalue.UnmarshalMap(read, &next); err != nil {
		return next, nil, fmt.Errorf("decode an item: %w", err)
	}
	next, err := change(next)
	if err != nil {
		return next, nil, err
	}
	changed, err := attributevalue.MarshalMap(next)
	if err == nil && versionOf(changed[t.Version]) <= versionOf(read[t.Version]) {
		err = errVersion
	}
	return next, changed, err
}

// write puts what was changed over the attributes that were read, if the version
// still is the one that was read.
func (t Table) write(ctx context.Context, key, read, changed dynamo.Item, token string) error {
	same := expression.Name(t.Version).Equal(expression.Value(versionOf(read[t.Version])))
	if read[t.Version] == nil {
		same = expression.AttributeNotExists(expression.Name(t.Version))
	}
	expr, err := expression.NewBuilder().WithCondition(same).Build()
	if err != nil {
		return err
	}
	item := maps.Clone(read)
	if item == nil {
		item = dynamo.Item{}
	}
	maps.Copy(item, changed)
	maps.Copy(item, key)
	before := tokens(read)
	if item[writers], err = attributevalue.Marshal(append([]string{token}, before[:min(len(before), keptWriters-1)]...)); err != nil {
		return err
	}
	_, err = t.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.Name, Item: item, ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	return err
}

// versionOf an attribute; 0 when it is absent or no number.
func versionOf(v types.AttributeValue) int64 {
	var n int64
	_ = attributevalue.Unmarshal(v, &n)
	return n
}

// tokens of the last writers.
func tokens(item dynamo.Item) []string {
	var list []string
	_ = attributevalue.Unmarshal(item[writers], &list)
	return list
}
