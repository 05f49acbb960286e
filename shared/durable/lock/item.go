package lock

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

func itemKey(name string) dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "LOCK#" + name},
		"sk": &types.AttributeValueMemberS{Value: "LOCK"},
	}
}

// Condition is what the protected write is conditioned on: no later holder has
// written the item yet. attr is the item's attribute that Mark keeps.
func (l Lease) Condition(attr string) expression.ConditionBuilder {
	return expression.AttributeNotExists(expression.Name(attr)).
		Or(expression.Name(attr).LessThanEqual(expression.Value(l.Fence)))
}

// SetFence is what the protected write leaves behind for Condition to see.
func (l Lease) SetFence(attr string) expression.UpdateBuilder {
	return expression.Set(expression.Name(attr), expression.Value(l.Fence))
}

// ownedBy is the condition that nobody has held the lock since this lease began.
func (l Lease) ownedBy() expression.ConditionBuilder {
	return expression.Name(owner).Equal(expression.Value(l.Owner)).
		And(expression.Name(fence).Equal(expression.Value(l.Fence)))
}

// withItem completes a lease from the item that its acquisition left.
func (l Lease) withItem(item dynamo.Item) (Lease, error) {
	r, err := decode(item)
	if err != nil {
		return Lease{}, err
	}
	l.Fence, l.Until = r.Fence, time.UnixMilli(r.LeaseUntil)
	return l, nil
}

func held(name string, item dynamo.Item) error {
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

// ownerOf is empty when the lock is free, gone or unreadable.
func ownerOf(item dynamo.Item) string {
	r, _ := decode(item)
	return r.Owner
}

func fenceOf(item dynamo.Item) int64 {
	r, _ := decode(item)
	return r.Fence
}
