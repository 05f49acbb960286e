package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
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
)

// barrier says what has been done for one chunk of a saga's reservation.
type barrier struct {
	PK         string                    `dynamodbav:"pk"`
	SK         string                    `dynamodbav:"sk"` // the chunk, three digits
	State      state                     `dynamodbav:"state"`
	MerchantID string                    `dynamodbav:"merchant_id"`
	Lines      map[string]money.Quantity `dynamodbav:"lines,omitempty"` // by SKU
	// Chunks of the whole reservation, on the gate alone. 1 rules out others; 0, on
	// the gate of an empty compensation, does not.
	Chunks  int           `dynamodbav:"chunks,omitempty"`
	Refused *RefusedError `dynamodbav:"refused,omitempty"`
	TTL     int64         `dynamodbav:"ttl,omitempty"` // epoch seconds; 0 while RESERVED
}

func partition(sagaID string) string { return "BARRIER#" + sagaID }

// gateSK is the sort key of the first chunk's barrier.
const gateSK = "000"

func (b barrier) skus() []string { return slices.Sorted(maps.Keys(b.Lines)) }

// same tells whether other asks for what b records.
func (b barrier) same(other barrier) bool {
	return b.MerchantID == other.MerchantID && b.Chunks == other.Chunks && maps.Equal(b.Lines, other.Lines)
}

var errBarrierLost = errors.New("the barrier vanished")

func decode(item dynamo.Item) (barrier, error) {
	if len(item) == 0 {
		return barrier{}, errBarrierLost
	}
	var b barrier
	if err := attributevalue.UnmarshalMap(item, &b); err != nil {
		return barrier{}, fmt.Errorf("decode a barrier: %w", err)
	}
	return b, nil
}

// barriers of a saga, by its partition key: the gate first, strongly consistent. One page holds them
// all: maxSKUs of them take far less than a megabyte.
func (s *Store) barriers(ctx context.Context, partitionKey string) ([]barrier, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.cfg.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: dynamo.Item{":pk": text(partitionKey)},
	})
	if err != nil {
		return nil, fmt.Errorf("read barriers: %w", err)
	}
	found := make([]barrier, 0, len(out.Items))
	for _, item := range out.Items {
		b, err := decode(item)
		if err != nil {
			return nil, err
		}
		found = append(found, b)
	}
	return found, nil
}

// put is the transaction's item that writes a barrier where none is.
func (s *Store) put(b barrier) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(b)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.cfg.Table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

// gateOpen is the transaction's check that a saga's gate is RESERVED.
func (s *Store) gateOpen(gate barrier) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.cfg.Table, Key: key(gate.PK, gate.SK),
		ConditionExpression:                 aws.String("#state = :reserved"),
		ExpressionAttributeNames:            map[string]string{"#state": "state"},
		ExpressionAttributeValues:           dynamo.Item{":reserved": text(string(isReserved))},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

// absent is the transaction's check that a chunk has no barrier.
func (s *Store) absent(b barrier) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.cfg.Table, Key: key(b.PK, b.SK), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}
}

// expiry of a barrier that becomes final now.
func (s *Store) expiry() int64 { return s.now().Add(s.cfg.Retention).Unix() }
