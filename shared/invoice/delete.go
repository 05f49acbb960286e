package invoice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Results of Delete.
const (
	Deleted         = "deleted"
	NothingToDelete = "nothing_to_delete"
)

// Delete removes the invoice of a saga that is being undone. A number that we
// allocated stays, marked void, so that its series has no unexplained gap; one
// that the client gave may be given again, since nobody has seen it. held is the check, in the same transaction, that the
// saga is being undone: an invoice whose saga committed is out of Delete's reach.
func (s *Store) Delete(ctx context.Context, sagaID string, held *types.ConditionCheck) (string, error) {
	id := IDFromSaga(sagaID)
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: invoiceKey(id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return "", fmt.Errorf("read the invoice to delete: %w", err)
	}
	if len(out.Item) == 0 {
		return NothingToDelete, nil
	}
	var r row
	if err := attributevalue.UnmarshalMap(out.Item, &r); err != nil {
		return "", fmt.Errorf("decode the invoice to delete: %w", err)
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{ConditionCheck: held},
		{Delete: &types.Delete{
			TableName: &s.table, Key: invoiceKey(id), ConditionExpression: aws.String("saga_id = :saga"),
			ExpressionAttributeValues: dynamo.Item{":saga": &types.AttributeValueMemberS{Value: sagaID}},
		}},
		s.releaseNumber(r),
	}})
	if _, refused := dynamo.ConditionFailedAt(err, 0); refused {
		return "", errNotCompensating
	}
	if err != nil {
		return "", fmt.Errorf("delete an invoice: %w", err)
	}
	return Deleted, nil
}

// releaseNumber frees a number that the client gave and voids one that we allocated.
func (s *Store) releaseNumber(r row) types.TransactWriteItem {
	mine := aws.String("saga_id = :saga")
	saga := &types.AttributeValueMemberS{Value: r.SagaID}
	if r.Series == "" {
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: key(r.Number, "NUMBER"),
			ConditionExpression: mine, ExpressionAttributeValues: dynamo.Item{":saga": saga},
		}}
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: key(r.Number, "NUMBER"), ConditionExpression: mine,
		UpdateExpression:         aws.String("SET #s = :void REMOVE invoice_id"),
		ExpressionAttributeNames: map[string]string{"#s": "status"},
		ExpressionAttributeValues: dynamo.Item{
			":void": &types.AttributeValueMemberS{Value: Void}, ":saga": saga,
		},
	}}
}
