package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// state of a barrier.
type state string

const (
	isReserved state = "RESERVED"
	isReleased state = "RELEASED"
	isSold     state = "SOLD"
	isReturned state = "RETURNED"
)

// barrier records what has been done for one chunk of a saga's reservation.
type barrier struct {
	PK         string                    `dynamodbav:"pk"`
	SK         string                    `dynamodbav:"sk"` // number of the chunk, three digits
	State      state                     `dynamodbav:"state"`
	MerchantID string                    `dynamodbav:"merchant_id"`
	Lines      map[string]money.Quantity `dynamodbav:"lines,omitempty"`   // by SKU
	Returns    bool                      `dynamodbav:"returns,omitempty"` // the goods come back
	// Shards has the shards that quantities were reserved of, by SKU; the others were of the stock item.
	Shards map[string]shard `dynamodbav:"shards,omitempty"`
	// Chunks is the number of chunks of the whole reservation, in the gate alone. It is 0 in
	// the gate of an empty compensation, when the number is not known.
	Chunks  int           `dynamodbav:"chunks,omitempty"`
	Refused *RefusedError `dynamodbav:"refused,omitempty"`
	TTL     int64         `dynamodbav:"ttl,omitempty"` // epoch seconds; 0 while RESERVED

	items map[string][]int // positions in the request by SKU; not stored
	// soldBefore is what versions before the item of sales have sold and no note has returned, by SKU:
	// it can come back too. Known once it was read; not stored.
	soldBefore map[string]money.Quantity
}

const barrierPrefix = "BARRIER#"

func partition(sagaID string) string { return barrierPrefix + sagaID }

// gateSK is the sort key of the gate, the first chunk's barrier.
const gateSK = "000"

func (b barrier) sagaID() string { return strings.TrimPrefix(b.PK, barrierPrefix) }

func (b barrier) key() dynamo.Item { return dynamo.Key(b.PK, b.SK) }

// skus returns the SKUs of the chunk in the order of its transaction's items.
func (b barrier) skus() []string { return slices.Sorted(maps.Keys(b.Lines)) }

// confirmed returns the state of the barrier once an invoice or a credit note was issued.
func (b barrier) confirmed() state {
	if b.Returns {
		return isReturned
	}
	return isSold
}

// sameReservation reports whether b and other record the same merchant, lines and direction.
func (b barrier) sameReservation(other barrier) bool {
	return b.MerchantID == other.MerchantID && b.Chunks == other.Chunks && b.Returns == other.Returns &&
		maps.Equal(b.Lines, other.Lines)
}

var errBarrierMissing = errors.New("the barrier that refused a write is missing")

func decodeBarrier(item dynamo.Item) (barrier, error) {
	if len(item) == 0 {
		return barrier{}, errBarrierMissing
	}
	var b barrier
	if err := attributevalue.UnmarshalMap(item, &b); err != nil {
		return barrier{}, fmt.Errorf("decode a barrier: %w", err)
	}
	return b, nil
}

// barriers reads all barriers of a saga, the gate first, strongly consistent. One page holds
// them: maxSKUs of them are far smaller than a megabyte.
func (s *Store) barriers(ctx context.Context, partitionKey string) ([]barrier, error) {
	expr, err := expression.NewBuilder().
		WithKeyCondition(expression.Key("pk").Equal(expression.Value(partitionKey))).Build()
	if err != nil {
		return nil, err
	}
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.cfg.Table, ConsistentRead: aws.Bool(true), KeyConditionExpression: expr.KeyCondition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	if err != nil {
		return nil, fmt.Errorf("read barriers: %w", err)
	}
	found := make([]barrier, 0, len(out.Items))
	for _, item := range out.Items {
		b, err := decodeBarrier(item)
		if err != nil {
			return nil, err
		}
		found = append(found, b)
	}
	return found, nil
}

// putNew returns the transaction item that writes a barrier that does not exist.
func (s *Store) putNew(b barrier) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(b)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return dynamo.TransactPut(s.cfg.Table, item, dynamo.Absent())
}

// checkReserved returns the transaction item that requires a gate to be RESERVED.
func (s *Store) checkReserved(gate barrier) (types.TransactWriteItem, error) {
	return dynamo.TransactCheck(s.cfg.Table, gate.key(), inState(isReserved))
}

// checkAbsent returns the transaction item that requires a chunk to have no barrier.
func (s *Store) checkAbsent(b barrier) (types.TransactWriteItem, error) {
	return dynamo.TransactCheck(s.cfg.Table, b.key(), dynamo.Absent())
}

// inState is the condition that a barrier is in a state.
func inState(st state) expression.ConditionBuilder {
	return expression.Name("state").Equal(expression.Value(st))
}

// expiry returns the TTL of a barrier that becomes final now.
func (s *Store) expiry() int64 { return s.now().Add(s.cfg.Retention).Unix() }
