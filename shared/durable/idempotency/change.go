package idempotency

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Change is a conditional update of a key's record. A caller may extend it and then send it,
// alone or in its own transaction.
type Change struct {
	KeyHash   string
	Update    expression.UpdateBuilder
	Condition expression.ConditionBuilder
}

// Set returns the change with an attribute added.
func (c Change) Set(name string, value any) Change {
	c.Update = c.Update.Set(expression.Name(name), expression.Value(value))
	return c
}

// Remove returns the change with attributes removed from the record.
func (c Change) Remove(names ...string) Change {
	for _, n := range names {
		c.Update = c.Update.Remove(expression.Name(n))
	}
	return c
}

// And returns the change with a condition added.
func (c Change) And(cond expression.ConditionBuilder) Change {
	c.Condition = c.Condition.And(cond)
	return c
}

// InTransaction returns the change as an item of a transaction. If its condition fails, the
// transaction's error contains the record.
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

// Complete answers the key. In the transaction of the effect itself, both are stored or
// neither. The answer must be compressed and at most MaxCompressed bytes.
func (s *Store) Complete(c Claim, status int, compressed []byte) Change {
	return s.completeChange(c, status, compressed).Set("ttl", s.now().Add(s.cfg.Retention).Unix())
}

// CompletePending answers the key and pins its record: it does not expire before AllowExpiry,
// even after its retention.
func (s *Store) CompletePending(c Claim, status int, compressed []byte) Change {
	return s.completeChange(c, status, compressed).Set("kept", true)
}

func (s *Store) completeChange(c Claim, status int, compressed []byte) Change {
	return s.ownedChange(c, Done).Set("status", status).Set("body", compressed).
		Set("expires_at", s.now().Add(s.cfg.Retention).UnixMilli())
}

// AllowExpiry returns a change that also removes the pin which CompletePending set.
func (s *Store) AllowExpiry(c Change, r Record) Change {
	return c.Remove("kept").Set("ttl", max(r.ExpiresAt, s.now().UnixMilli())/1000)
}

// Release frees the key of a run without effects: it may be claimed again, with any payload.
// The record stays for Retention, for inspection.
func (s *Store) Release(c Claim) Change {
	return s.ownedChange(c, Released).Set("ttl", s.now().Add(s.cfg.Retention).Unix())
}

// Lock keeps the key from being claimed while the effects of its run are compensated.
func (s *Store) Lock(c Claim) Change { return s.ownedChange(c, Locked) }

func (s *Store) ownedChange(c Claim, next KeyState) Change {
	return Change{
		KeyHash:   c.KeyHash,
		Update:    expression.Set(expression.Name("key_state"), expression.Value(next)),
		Condition: ownedBy(c.Owner, c.Fence),
	}
}

// ReleaseExpired moves an open record whose lease has expired to state next, on behalf of a
// recovery that does not own it. The condition is that the record has not changed since it
// was read.
func (s *Store) ReleaseExpired(keyHash string, r Record, next KeyState) Change {
	return Change{
		KeyHash: keyHash,
		Update:  expression.Set(expression.Name("key_state"), expression.Value(next)),
		Condition: ownedBy(r.Owner, r.Fence).
			And(expression.Name("lease_until").LessThanEqual(expression.Value(s.now().UnixMilli()))),
	}
}

// Unlock releases a locked key.
func (s *Store) Unlock(keyHash string) Change {
	return Change{
		KeyHash: keyHash,
		Update: expression.Set(expression.Name("key_state"), expression.Value(Released)).
			Set(expression.Name("ttl"), expression.Value(s.now().Add(s.cfg.Retention).Unix())),
		Condition: expression.Name("key_state").Equal(expression.Value(Locked)),
	}
}

// LeaseExpired reports whether the record's lease has expired.
func (s *Store) LeaseExpired(r Record) bool { return r.leaseExpired(s.now()) }

// OwnedBy reports whether an item that refused a write is the claim's own completed record:
// then the write landed and its reply was lost.
func OwnedBy(c Claim, item dynamo.Item) bool {
	r, err := decode(item)
	return err == nil && r.KeyState == Done && r.Owner == c.Owner && r.Fence == c.Fence
}
