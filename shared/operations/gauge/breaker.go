package gauge

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/metric"
)

// Values of a breaker's gauge.
const (
	closed   = 0
	halfOpen = 1
	open     = 2
)

// breaker is half open once its time is over, or while a probe is under way. Without
// an item it never had a failure.
func (r *Reader) breaker(ctx context.Context, dependency string) ([]Reading, error) {
	out, err := r.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &r.cfg.Table, ConsistentRead: aws.Bool(true),
		Key: dynamo.Item{
			"pk": &types.AttributeValueMemberS{Value: "BREAKER#" + dependency},
			"sk": &types.AttributeValueMemberS{Value: "STATE"},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("read the breaker of %s: %w", dependency, err)
	}
	var s breaker.Snapshot
	if err := attributevalue.UnmarshalMap(out.Item, &s); err != nil {
		return nil, fmt.Errorf("decode the breaker of %s: %w", dependency, err)
	}
	now, value := r.now().UnixMilli(), float64(closed)
	switch {
	case s.State == breaker.Open && (s.Until <= now || s.ProbeUntil > now):
		value = halfOpen
	case s.State == breaker.Open:
		value = open
	}
	return []Reading{{Name: metric.BreakerState, Labels: []string{dependency}, Value: value}}, nil
}
