package audit

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Log uses.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config configures a Log.
type Config struct {
	Table string
	// OnAppend is called for each entry that Append adds, and not for entries that the log
	// had before. It is not called for an entry whose write landed but whose reply was lost.
	// Optional.
	OnAppend func(ctx context.Context, e Entry)
}

// Log is the audit log in one table.
type Log struct {
	db  API
	cfg Config
}

// New returns a Log.
func New(db API, cfg Config) *Log {
	if cfg.OnAppend == nil {
		cfg.OnAppend = func(context.Context, Entry) {}
	}
	return &Log{db: db, cfg: cfg}
}

// row is an entry in the table. Its key is its saga's, so a saga has one entry at most.
type row struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
	Entry
}

func partition(merchantID string) string { return "AUDIT#" + merchantID }

// bySeq is the index of a merchant's entries in the order of the chain.
const bySeq = "by-seq"

// List returns up to limit entries of a merchant that follow entry seq, in order. It reads
// an index that may lag behind the table by moments.
func (l *Log) List(ctx context.Context, merchantID string, seq int64, limit int) ([]Entry, error) {
	after := ofMerchant(merchantID).And(expression.Key("seq").GreaterThan(expression.Value(seq)))
	entries, err := l.query(ctx, after, true, limit)
	if err != nil {
		return nil, fmt.Errorf("list the audit log: %w", err)
	}
	return entries, nil
}

func ofMerchant(merchantID string) expression.KeyConditionBuilder {
	return expression.Key("merchant_id").Equal(expression.Value(merchantID))
}

func (l *Log) query(
	ctx context.Context, keys expression.KeyConditionBuilder, forward bool, limit int,
) ([]Entry, error) {
	expr, err := expression.NewBuilder().WithKeyCondition(keys).Build()
	if err != nil {
		return nil, err
	}
	out, err := l.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &l.cfg.Table, IndexName: aws.String(bySeq), ScanIndexForward: &forward,
		Limit:                  aws.Int32(int32(limit)), //nolint:gosec // a caller's small constant
		KeyConditionExpression: expr.KeyCondition(), ExpressionAttributeNames: expr.Names(),
		ExpressionAttributeValues: expr.Values(),
	})
	if err != nil {
		return nil, err
	}
	var entries []Entry
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &entries); err != nil {
		return nil, fmt.Errorf("decode entries: %w", err)
	}
	return entries, nil
}

// head is the end of a merchant's chain.
type head struct {
	PK   string `dynamodbav:"pk"`
	SK   string `dynamodbav:"sk"`
	Seq  int64  `dynamodbav:"seq_head"` // not `seq`, which would put heads into the index
	Hash string `dynamodbav:"hash"`
}

const headSK = "HEAD"

// head reads the end of a merchant's chain; the zero value if the chain is empty.
func (l *Log) head(ctx context.Context, merchantID string) (head, error) {
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.cfg.Table, Key: dynamo.Key(partition(merchantID), headSK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return head{}, fmt.Errorf("read the audit chain's head: %w", err)
	}
	if len(out.Item) == 0 {
		return l.headFromEntries(ctx, merchantID)
	}
	var h head
	if err := attributevalue.UnmarshalMap(out.Item, &h); err != nil {
		return head{}, fmt.Errorf("decode the audit chain's head: %w", err)
	}
	return h, nil
}

// headFromEntries reads the end of a chain whose head item was deleted by hand: without it
// the chain would start again at 1.
func (l *Log) headFromEntries(ctx context.Context, merchantID string) (head, error) {
	last, err := l.query(ctx, ofMerchant(merchantID), false, 1)
	if err != nil {
		return head{}, fmt.Errorf("read the audit chain's last entry: %w", err)
	}
	if len(last) == 0 {
		return head{}, nil
	}
	return head{Seq: last[0].Seq, Hash: last[0].Hash}, nil
}
