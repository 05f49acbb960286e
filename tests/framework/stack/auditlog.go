package stack

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Seal runs seal-audit, as the schedule does every minute. Its error is the function's.
func (s *Stack) Seal(ctx context.Context) error {
	out, err := s.Lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(s.Vars(deployment.SealFunction)), Payload: []byte("{}"),
	})
	if err == nil && out.FunctionError != nil {
		err = fmt.Errorf("%s: %s", *out.FunctionError, out.Payload)
	}
	return err
}

// FlipEntry changes one bit of the audit entry with an id, in the table. Called again, it repairs it.
func (s *Stack) FlipEntry(ctx context.Context, id string) error {
	table := s.Vars(deployment.AuditTable)
	for item, err := range dynamo.Scan(ctx, s.DB, table, expression.Name("sk").Equal(expression.Value(id))) {
		if err != nil {
			return err
		}
		data, ok := item["data"].(*types.AttributeValueMemberB)
		if !ok {
			return fmt.Errorf("the entry of %s has no data", id)
		}
		data.Value[len(data.Value)/2] ^= 1
		_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
		return err
	}
	return fmt.Errorf("the audit log has no entry of %s", id)
}
