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
	return dynamo.TransactUpdate(table, ItemKey(c.KeyHash), c.Update, c.Condition)
}

// Complete answers the key. In the transaction of the effect itself, both are stored or
// neither. The answer must be compressed and at most MaxCompressed bytes. It is stored sealed:
// only a caller with the key can read it, see Record.Answer.
func (s *Store) Complete(c Claim, status int, compressed []byte) (Change, error) {
	change, err := s.CompletePending(c, status, compressed)
	return s.Forget(change), err
}

// CompletePending answers the key like Complete. DynamoDB keeps its record until a change by
// Forget: the record of the caller holds more than the answer.
func (s *Store) CompletePending(c Claim, status int, compressed []byte) (Change, error) {
	sealed, err := c.key.seal(compressed)
	return s.ownedChange(c, Done).Set("status", status).Set("sealed", sealed).
		Set("expires_at", s.now().Add(s.cfg.Retention).UnixMilli()), err
}

// Forget returns the change with the end of the record's life: Memory from now, DynamoDB may
// delete it. A key that is deleted could be claimed again, so Memory must be longer than
// any queue keeps a copy of the request.
func (s *Store) Forget(c Change) Change {
	return c.Set("ttl", s.now().Add(s.cfg.Memory).Unix())
}

// Release frees the key of a run without effects: it may be claimed again, with any payload.
func (s *Store) Release(c Claim) Change { return s.Forget(s.ownedChange(c, Released)) }

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
	c := Change{
		KeyHash: keyHash,
		Update:  expression.Set(expression.Name("key_state"), expression.Value(next)),
		Condition: ownedBy(r.Owner, r.Fence).
			And(expression.Name("lease_until").LessThanEqual(expression.Value(s.now().UnixMilli()))),
	}
	if next == Released {
		return s.Forget(c)
	}
	return c
}

// Unlock releases a locked key.
func (s *Store) Unlock(keyHash string) Change {
	return s.Forget(Change{
		KeyHash:   keyHash,
		Update:    expression.Set(expression.Name("key_state"), expression.Value(Released)),
		Condition: expression.Name("key_state").Equal(expression.Value(Locked)),
	})
}

// LeaseExpired reports whether the record's lease has expired.
func (s *Store) LeaseExpired(r Record) bool { return r.leaseExpired(s.now()) }

// OwnedBy reports whether an item that refused a write is the claim's own completed record:
// then the write landed and its reply was lost.
func OwnedBy(c Claim, item dynamo.Item) bool {
	r, err := decode(item)
	return err == nil && r.KeyState == Done && r.Owner == c.Owner && r.Fence == c.Fence
}
