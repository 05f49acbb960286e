package privacy

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// State is what an erasure needs to know of a buyer's key.
type State struct {
	ID   string    // of the key in force; empty if there is none
	Ends time.Time // when an erasure of it is effective; zero if none is asked for
}

// State reads which key of a buyer is in force, strongly consistent.
func (s *Store) State(ctx context.Context, merchant, subject string) (State, error) {
	item, err := s.read(ctx, contactKey(merchant, subject))
	if err != nil {
		return State{}, fmt.Errorf("read the key of a buyer: %w", err)
	}
	key, err := s.KeyInForce(item)
	if err != nil || len(key) == 0 {
		return State{}, err
	}
	ends, err := seconds(item["ttl"])
	return State{ID: key.ID(), Ends: ends}, err
}

// EndKey returns the items of a transaction that destroy a buyer's key, or let it end at a later
// time, and mark that. Their conditions fail if another key is in force by then, or none. A
// later time counts in whole seconds, and is rounded up.
func (s *Store) EndKey(merchant, subject, keyID string, at time.Time) ([]types.TransactWriteItem, error) {
	ends := at.Add(time.Second - time.Nanosecond).Unix()
	mark := dynamo.Key(subjectPK(merchant, subject), erasedPrefix+keyID)
	end, err := dynamo.TransactUpdate(s.table, contactKey(merchant, subject),
		expression.Set(expression.Name("ttl"), expression.Value(ends)), s.isInForce(keyID))
	if !at.After(s.now()) {
		ends = at.Unix()
		end, err = dynamo.TransactDelete(s.table, contactKey(merchant, subject), s.isInForce(keyID))
	}
	mark["erased_at"] = dynamo.N(ends)
	return []types.TransactWriteItem{end, {Put: &types.Put{TableName: &s.table, Item: mark}}}, err
}

// KeepKey returns the items of a transaction that take back an erasure which is due later. Their
// conditions fail if it is effective by then, or another key is in force.
func (s *Store) KeepKey(merchant, subject, keyID string) ([]types.TransactWriteItem, error) {
	keep, err := dynamo.TransactUpdate(s.table, contactKey(merchant, subject),
		expression.Remove(expression.Name("ttl")), s.isInForce(keyID))
	mark := dynamo.Key(subjectPK(merchant, subject), erasedPrefix+keyID)
	return []types.TransactWriteItem{keep, {Delete: &types.Delete{TableName: &s.table, Key: mark}}}, err
}

// DropEnded returns the items of a transaction that destroy a buyer's key whose time has passed: none if it
// is gone, or another key is the buyer's. Their condition fails if that is so by then.
func (s *Store) DropEnded(ctx context.Context, merchant, subject, keyID string) ([]types.TransactWriteItem, error) {
	item, err := s.read(ctx, contactKey(merchant, subject))
	if err != nil {
		return nil, fmt.Errorf("read the key of a buyer: %w", err)
	}
	ends, err := seconds(item["ttl"])
	if err != nil || dynamo.Text(item["key_id"]) != keyID || ends.IsZero() || ends.After(s.now()) {
		return nil, err
	}
	ended := expression.Name("ttl").LessThanEqual(expression.Value(s.now().Unix()))
	drop, err := dynamo.TransactDelete(s.table, contactKey(merchant, subject),
		expression.Name("key_id").Equal(expression.Value(keyID)).And(ended))
	return []types.TransactWriteItem{drop}, err
}

// isInForce is the condition that a key is the buyer's, and its time has not passed.
func (s *Store) isInForce(keyID string) expression.ConditionBuilder {
	ttl := expression.Name("ttl")
	return expression.Name("key_id").Equal(expression.Value(keyID)).
		And(ttl.AttributeNotExists().Or(ttl.GreaterThan(expression.Value(s.now().Unix()))))
}
