package idempotency

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Change is an update of a key's record with its condition, which a caller may
// extend and then send, alone or inside its own transaction.
type Change struct {
	KeyHash   string
	Update    expression.UpdateBuilder
	Condition expression.ConditionBuilder
}

// Set adds an attribute to the change.
func (c Change) Set(name string, value any) Change {
	c.Update = c.Update.Set(expression.Name(name), expression.Value(value))
	return c
}

// Remove drops an attribute with the change.
func (c Change) Remove(names ...string) Change {
	for _, n := range names {
		c.Update = c.Update.Remove(expression.Name(n))
	}
	return c
}

// And adds a condition.
func (c Change) And(cond expression.ConditionBuilder) Change {
	c.Condition = c.Condition.And(cond)
	return c
}

// InTransaction renders the change as an item of a transaction that returns the
// record which refused it.
func (c Change) InTransaction(table string) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithUpdate(c.Update).WithCondition(c.Condition).Build()
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: ItemKey(c.KeyHash),
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, nil
}

// Complete answers the key. Sent in the transaction of the effect itself, it
// makes both happen or neither. The answer must be packed and at most MaxPacked.
func (s *Store) Complete(c Claim, status int, packed []byte) Change {
	return s.completeChange(c, status, packed).Set("ttl", s.now().Add(s.cfg.Retention).Unix())
}

// CompletePending answers the key and keeps its record, past its retention if need be,
// until Paid says that what follows from the answer is done.
func (s *Store) CompletePending(c Claim, status int, packed []byte) Change {
	return s.completeChange(c, status, packed).Set("kept", true)
}

func (s *Store) completeChange(c Claim, status int, packed []byte) Change {
	return s.ownedChange(c, Done).Set("status", status).Set("body", packed).
		Set("expires_at", s.now().Add(s.cfg.Retention).UnixMilli())
}

// AllowExpiry adds to a change that the record may expire from now on.
func (s *Store) AllowExpiry(c Change, r Record) Change {
	return c.Remove("kept").Set("ttl", max(r.ExpiresAt, s.now().UnixMilli())/1000)
}

// Release frees the key of a run that left nothing behind: the same key may try
// again, with any payload. The record itself stays for a day, to be looked at.
func (s *Store) Release(c Claim) Change {
	return s.ownedChange(c, Released).Set("ttl", s.now().Add(s.cfg.Retention).Unix())
}

// Lock keeps the key from being claimed while what the run did is undone.
func (s *Store) Lock(c Claim) Change { return s.ownedChange(c, Locked) }

func (s *Store) ownedChange(c Claim, next KeyState) Change {
	return Change{
		KeyHash:   c.KeyHash,
		Update:    expression.Set(expression.Name("key_state"), expression.Value(next)),
		Condition: ownedBy(c.Owner, c.Fence),
	}
}

// ReleaseExpired is the change of an open record whose lease is over, by somebody who
// is not its owner: a sweeper. It is conditioned on the record as it was seen.
func (s *Store) ReleaseExpired(root string, seen Record, next KeyState) Change {
	return Change{
		KeyHash: root,
		Update:  expression.Set(expression.Name("key_state"), expression.Value(next)),
		Condition: ownedBy(seen.Owner, seen.Fence).
			And(expression.Name("lease_until").LessThanEqual(expression.Value(s.now().UnixMilli()))),
	}
}

// Unlock frees a held key.
func (s *Store) Unlock(root string) Change {
	return Change{
		KeyHash: root,
		Update: expression.Set(expression.Name("key_state"), expression.Value(Released)).
			Set(expression.Name("ttl"), expression.Value(s.now().Add(s.cfg.Retention).Unix())),
		Condition: expression.Name("key_state").Equal(expression.Value(Locked)),
	}
}

// LeaseExpired tells a sweeper whether the record's lease has ended.
func (s *Store) LeaseExpired(r Record) bool { return r.leaseExpired(s.now()) }

// OwnedBy tells whether an item that refused a write is the claim's own, already
// answered: the write had landed and its reply was lost.
func OwnedBy(c Claim, item dynamo.Item) bool {
	r, err := decode(item)
	return err == nil && r.KeyState == Done && r.Owner == c.Owner && r.Fence == c.Fence
}

// leaseLeft is how long a record's lease still runs; at least 0.
func (s *Store) leaseLeft(r Record) time.Duration {
	return max(0, time.UnixMilli(r.LeaseUntil).Sub(s.now()))
}
