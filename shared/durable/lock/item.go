package lock

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Attributes of a lock's item. A free lock has no owner; its fence stays.
const (
	owner      = "owner"
	fence      = "fence"
	leaseUntil = "lease_until" // Unix milliseconds
)

// row is a lock as the table holds it.
type row struct {
	Owner      string `dynamodbav:"owner"`
	Fence      int64  `dynamodbav:"fence"`
	LeaseUntil int64  `dynamodbav:"lease_until"`
}

func itemKey(name string) dynamo.Item { return dynamo.Key("LOCK#"+name, "LOCK") }

// Condition returns the condition of a protected write: no later holder has written the item.
// attr is the attribute of the item that SetFence sets.
func (l Lease) Condition(attr string) expression.ConditionBuilder {
	return expression.AttributeNotExists(expression.Name(attr)).
		Or(expression.Name(attr).LessThanEqual(expression.Value(l.Fence)))
}

// SetFence returns the update that a protected write must include: it stores the fence that
// Condition compares.
func (l Lease) SetFence(attr string) expression.UpdateBuilder {
	return expression.Set(expression.Name(attr), expression.Value(l.Fence))
}

// ownedBy is the condition that no other holder has had the lock since this lease began.
func (l Lease) ownedBy() expression.ConditionBuilder {
	return expression.Name(owner).Equal(expression.Value(l.Owner)).
		And(expression.Name(fence).Equal(expression.Value(l.Fence)))
}

// withItem returns the lease with the fence and the end that its item holds.
func (l Lease) withItem(item dynamo.Item) (Lease, error) {
	r, err := decode(item)
	if err != nil {
		return Lease{}, err
	}
	l.Fence, l.Until = r.Fence, time.UnixMilli(r.LeaseUntil)
	return l, nil
}

func heldError(name string, item dynamo.Item) error {
	r, err := decode(item)
	if err != nil {
		return err
	}
	return &HeldError{Name: name, Until: time.UnixMilli(r.LeaseUntil)}
}

func decode(item dynamo.Item) (row, error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return row{}, fmt.Errorf("decode a lock: %w", err)
	}
	return r, nil
}

// ownerOf returns the owner of a lock's item; empty if the lock is free or the item is missing
// or cannot be decoded.
func ownerOf(item dynamo.Item) string {
	r, _ := decode(item)
	return r.Owner
}

func fenceOf(item dynamo.Item) int64 {
	r, _ := decode(item)
	return r.Fence
}
