package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// ErrMoved means that another checkpoint was signed meanwhile.
var ErrMoved = errors.New("another checkpoint was signed meanwhile")

// checkpointRow is the checkpoint that was signed last.
type checkpointRow struct {
	PK       string `dynamodbav:"pk"`
	SK       string `dynamodbav:"sk"`
	Note     string `dynamodbav:"note"`
	Size     int64  `dynamodbav:"size"`      // of the log that it signs
	SignedAt int64  `dynamodbav:"signed_at"` // Unix milliseconds
}

const checkpointPK = "CHECKPOINT"

// Checkpoint returns the checkpoint that was signed last, strongly consistent; empty before the first.
func (l *Log) Checkpoint(ctx context.Context) (string, error) {
	c, err := l.checkpoint(ctx)
	return c.Note, err
}

func (l *Log) checkpoint(ctx context.Context) (checkpointRow, error) {
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.cfg.Table, Key: dynamo.Key(checkpointPK, checkpointPK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return checkpointRow{}, fmt.Errorf("read the last checkpoint: %w", err)
	}
	var c checkpointRow
	if err := attributevalue.UnmarshalMap(out.Item, &c); err != nil {
		return checkpointRow{}, fmt.Errorf("decode the last checkpoint: %w", err)
	}
	return c, nil
}

// Advance replaces the checkpoint from by to, which signs size entries. Error: ErrMoved if another is
// there.
func (l *Log) Advance(ctx context.Context, from, to string, size int64) error {
	item, err := attributevalue.MarshalMap(checkpointRow{
		PK: checkpointPK, SK: checkpointPK, Note: to, Size: size, SignedAt: l.cfg.Now().UnixMilli(),
	})
	if err != nil {
		return err
	}
	unmoved := dynamo.Absent()
	if from != "" {
		unmoved = expression.Name("note").Equal(expression.Value(from))
	}
	err = dynamo.Put(ctx, l.db, l.cfg.Table, item, unmoved)
	if !dynamo.ConditionFailed(err) {
		return err
	}
	if dynamo.Text(dynamo.ConflictingItem(err)["note"]) == to { // a retry of the SDK came first
		return nil
	}
	return ErrMoved
}

// Stats is the state of a log.
type Stats struct {
	Size   int64         // entries
	Sealed int64         // of them, those that a checkpoint signs
	Oldest time.Duration // since the first of the others was appended; 0 if there is none
}

// Stats reads the state of the log.
func (l *Log) Stats(ctx context.Context) (Stats, error) {
	c, err := l.checkpoint(ctx)
	if err != nil {
		return Stats{}, err
	}
	size, err := l.Size(ctx)
	if err != nil || size <= c.Size {
		return Stats{Size: size, Sealed: c.Size}, err
	}
	appended, err := l.appendedAt(ctx, c.Size)
	return Stats{size, c.Size, max(0, l.cfg.Now().Sub(appended))}, err
}

// appendedAt returns when the entry with a place was appended.
func (l *Log) appendedAt(ctx context.Context, place int64) (time.Time, error) {
	batches, err := l.batches(ctx, max(0, place-MaxBatch+1), place)
	if err != nil || len(batches) == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(batches[len(batches)-1].At), nil
}
