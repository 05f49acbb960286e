package dynamo

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is a DynamoDB item as the SDK represents it.
type Item = map[string]types.AttributeValue

// Key returns the primary key of an item; every table has the key attributes pk and sk.
func Key(pk, sk string) Item { return Item{"pk": S(pk), "sk": S(sk)} }

// S returns a string attribute.
func S(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// Text returns the value of a string attribute; empty for an absent one or another type.
func Text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// N returns a number attribute.
func N(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// Number returns the value of a number attribute in DynamoDB's notation; empty for an absent
// one or another type.
func Number(v types.AttributeValue) string {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return ""
}

// B returns a binary attribute.
func B(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// Bytes returns the value of a binary attribute; nil for an absent one or another type.
func Bytes(v types.AttributeValue) []byte {
	if b, ok := v.(*types.AttributeValueMemberB); ok {
		return b.Value
	}
	return nil
}

// Updater is the subset of the DynamoDB client that Update uses.
type Updater interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Update changes one item under a condition and returns the attributes that values selects.
// When the condition fails, ConflictingItem returns the item that failed it. A write that meets
// a transaction is sent again, see Conflicted.
func Update(
	ctx context.Context, db Updater, table string, key Item,
	change expression.UpdateBuilder, condition expression.ConditionBuilder, values types.ReturnValue,
) (Item, error) {
	expr, err := expression.NewBuilder().WithUpdate(change).WithCondition(condition).Build()
	if err != nil {
		return nil, err
	}
	var attributes Item
	err = retryConflicts(ctx, func() error {
		out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table, Key: key,
			UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
			ReturnValues: values, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		if err == nil {
			attributes = out.Attributes
		}
		return err
	})
	return attributes, err
}

// Putter is the subset of the DynamoDB client that Put uses.
type Putter interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// Put replaces one item under a condition. When the condition fails, ConflictingItem returns
// the item that failed it. A write that meets a transaction is sent again, see Conflicted.
func Put(ctx context.Context, db Putter, table string, item Item, condition expression.ConditionBuilder) error {
	expr, err := expression.NewBuilder().WithCondition(condition).Build()
	if err != nil {
		return err
	}
	return retryConflicts(ctx, func() error {
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &table, Item: item, ConditionExpression: expr.Condition(),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	})
}
