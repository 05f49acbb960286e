package seal

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// TableAPI is the subset of the DynamoDB client that Table uses.
type TableAPI interface {
	dynamo.Putter
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Table keeps the last checkpoint in the audit table.
type Table struct {
	DB   TableAPI
	Name string
	Now  func() time.Time
}

// checkpointRow is the last checkpoint.
type checkpointRow struct {
	PK       string `dynamodbav:"pk"`
	SK       string `dynamodbav:"sk"`
	Note     string `dynamodbav:"note"`
	Size     int64  `dynamodbav:"size"`
	SignedAt int64  `dynamodbav:"signed_at"` // Unix milliseconds
}

const checkpointPK = "CHECKPOINT"

// Last implements Checkpoints.
func (t Table) Last(ctx context.Context) (string, error) {
	out, err := t.DB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: dynamo.Key(checkpointPK, checkpointPK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return "", fmt.Errorf("read the last checkpoint: %w", err)
	}
	return dynamo.Text(out.Item["note"]), nil
}

// Advance implements Checkpoints. After a lost reply, the next call finds the checkpoint moved.
func (t Table) Advance(ctx context.Context, from, to string, size int64) error {
	item, err := attributevalue.MarshalMap(checkpointRow{
		PK: checkpointPK, SK: checkpointPK, Note: to, Size: size, SignedAt: t.Now().UnixMilli(),
	})
	if err != nil {
		return err
	}
	unmoved := dynamo.Absent()
	if from != "" {
		unmoved = expression.Name("note").Equal(expression.Value(from))
	}
	err = dynamo.Put(ctx, t.DB, t.Name, item, unmoved)
	if dynamo.ConditionFailed(err) {
		if dynamo.Text(dynamo.ConflictingItem(err)["note"]) == to { // a retry of the SDK came first
			return nil
		}
		return ErrMoved
	}
	return err
}
