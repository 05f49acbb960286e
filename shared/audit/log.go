package audit

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// API is the subset of the DynamoDB client that Log uses.
type API interface {
	dynamo.Putter
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(
		context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
	) (*dynamodb.BatchGetItemOutput, error)
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
	Now      func() time.Time
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

// buckets is the number of partitions over which a new log spreads a merchant's month. A partition
// bears 1,000 write units a second, of which an entry takes two: four bear more than one log's
// appends. It is stored with each batch, so that another value here changes no log that exists.
const buckets = 4

// position is the primary key of an entry.
type position struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
}

func (p position) key() dynamo.Item { return dynamo.Key(p.PK, p.SK) }

// positionOf returns where the register holds an entry. The merchant of an act of the platform is
// empty.
func positionOf(merchantID, period, id string, buckets int) position {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))                                                                 // never fails
	return position{PK: partition(merchantID, period, int(h.Sum32()%uint32(buckets))), SK: id} //nolint:gosec // few
}

func partition(merchantID, period string, bucket int) string {
	return fmt.Sprintf("REGISTER#%s#%s#%d", merchantID, period, bucket)
}

// row is an entry in the table.
type row struct {
	position

	Place int64  `dynamodbav:"place"`
	Data  []byte `dynamodbav:"data"` // the entry's canonical bytes
}

// batchRow says which entries have the places from the one in its sort key on.
type batchRow struct {
	PK      string     `dynamodbav:"pk"`
	SK      string     `dynamodbav:"sk"`
	Size    int64      `dynamodbav:"size"` // of the log up to this batch
	Buckets int        `dynamodbav:"buckets"`
	At      int64      `dynamodbav:"appended_at"` // Unix milliseconds
	Entries []position `dynamodbav:"entries"`
}

const batchPK = "LOG"

// batchSK sorts batches by the place of their first entry.
func batchSK(from int64) string { return fmt.Sprintf("BATCH#%016d", from) }

// end is what the next batch follows.
type end struct {
	Size    int64 `dynamodbav:"size"`
	Buckets int   `dynamodbav:"buckets"`
}

// Size returns the number of entries in the log, strongly consistent.
func (l *Log) Size(ctx context.Context) (int64, error) {
	e, err := l.end(ctx)
	return e.Size, err
}

// end reads the end of the log from its last batch.
func (l *Log) end(ctx context.Context) (end, error) {
	keys := expression.Key("pk").Equal(expression.Value(batchPK)).
		And(expression.Key("sk").BeginsWith("BATCH#"))
	expr, err := expression.NewBuilder().WithKeyCondition(keys).
		WithProjection(expression.NamesList(expression.Name("size"), expression.Name("buckets"))).Build()
	if err != nil {
		return end{}, err
	}
	out, err := l.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &l.cfg.Table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
		KeyConditionExpression: expr.KeyCondition(), ProjectionExpression: expr.Projection(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	if err != nil {
		return end{}, fmt.Errorf("read the end of the audit log: %w", err)
	}
	e := end{Buckets: buckets}
	if len(out.Items) == 0 {
		return e, nil
	}
	if err := attributevalue.UnmarshalMap(out.Items[0], &e); err != nil {
		return end{}, fmt.Errorf("decode the end of the audit log: %w", err)
	}
	return e, nil
}
