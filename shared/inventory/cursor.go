package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// ErrMoved means that another run has checked the sales from the same place on.
var ErrMoved = errors.New("the sales were checked by another run")

const cursorKey = "SALES"

// Checked returns the place in the audit log up to which the sales are known to be booked.
func (s *Store) Checked(ctx context.Context) (int64, error) {
	found, err := dynamo.GetAll(ctx, s.db, s.cfg.Table, []dynamo.Item{dynamo.Key(cursorKey, cursorKey)})
	if err != nil {
		return 0, fmt.Errorf("read which sales are booked: %w", err)
	}
	var rows []struct {
		Place int64 `dynamodbav:"place"`
	}
	if err := attributevalue.UnmarshalListOfMaps(found, &rows); err != nil {
		return 0, fmt.Errorf("decode which sales are booked: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	return rows[0].Place, nil
}

// SetChecked moves the place that Checked returned on. Error: ErrMoved if it has moved already.
func (s *Store) SetChecked(ctx context.Context, from, to int64) error {
	place := expression.Name("place")
	unmoved := place.Equal(expression.Value(from))
	if from == 0 {
		unmoved = unmoved.Or(place.AttributeNotExists())
	}
	_, err := dynamo.Update(ctx, s.db, s.cfg.Table, dynamo.Key(cursorKey, cursorKey),
		expression.Set(place, expression.Value(to)), unmoved, types.ReturnValueNone)
	if dynamo.ConditionFailed(err) {
		return ErrMoved
	}
	return err
}
