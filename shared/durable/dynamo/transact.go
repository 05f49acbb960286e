package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Transactor is the subset of the DynamoDB client that Transact uses.
type Transactor interface {
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Transact writes all items or none. A transaction that meets another is sent again, see
// Conflicted. A caller that must read again before that, as for a number series, sends its
// transaction itself.
func Transact(ctx context.Context, db Transactor, items ...types.TransactWriteItem) error {
	return retryConflicts(ctx, func() error {
		_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	})
}

// Absent is the condition that the item does not exist.
func Absent() expression.ConditionBuilder {
	return expression.AttributeNotExists(expression.Name("pk"))
}

// TransactPut returns the item of a transaction that writes item under a condition. When the
// condition fails, ConditionFailedAt returns the item that refused it.
func TransactPut(table string, item Item, condition expression.ConditionBuilder) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithCondition(condition).Build()
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &table, Item: item, ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

// TransactUpdate returns the item of a transaction that changes an item under a condition.
// When the condition fails, ConditionFailedAt returns the item that refused it.
func TransactUpdate(
	table string, key Item, change expression.UpdateBuilder, condition expression.ConditionBuilder,
) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithUpdate(change).WithCondition(condition).Build()
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: key, UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

// TransactChange returns the item of a transaction that changes an item, or creates it, in any case.
func TransactChange(table string, key Item, change expression.UpdateBuilder) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithUpdate(change).Build()
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: key, UpdateExpression: expr.Update(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}}, err
}

// TransactDelete returns the item of a transaction that deletes an item under a condition.
// When the condition fails, ConditionFailedAt returns the item that refused it.
func TransactDelete(table string, key Item, condition expression.ConditionBuilder) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithCondition(condition).Build()
	return types.TransactWriteItem{Delete: &types.Delete{
		TableName: &table, Key: key, ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}

// TransactCheck returns the item of a transaction that requires a condition of an item
// without changing it. When the condition fails, ConditionFailedAt returns that item.
func TransactCheck(table string, key Item, condition expression.ConditionBuilder) (types.TransactWriteItem, error) {
	expr, err := expression.NewBuilder().WithCondition(condition).Build()
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &table, Key: key, ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, err
}
