package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// API is the part of the DynamoDB client that a Log calls.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Log is the audit log, on one table.
type Log struct {
	db    API
	table string
	tell  func(ctx context.Context, e Entry)
}

// NewLog returns a Log over one table.
func NewLog(db API, table string) *Log {
	return &Log{db: db, table: table, tell: func(context.Context, Entry) {}}
}

// Telling is the log with somebody told of each entry that it adds, once: not of those
// that were there already. One whose reply was lost for good is not told of.
func (l *Log) Telling(tell func(ctx context.Context, e Entry)) *Log {
	telling := *l
	telling.tell = tell
	return &telling
}

// batchSize entries and the chain's head are written in one transaction.
const batchSize = 25

// row is an entry as the table holds it. Its key is its saga: there can be no second.
type row struct {
	PK string `dynamodbav:"pk"`
	SK string `dynamodbav:"sk"`
	Entry
}

// head of a merchant's chain.
type head struct {
	PK   string `dynamodbav:"pk"`
	SK   string `dynamodbav:"sk"`
	Seq  int64  `dynamodbav:"seq_head"` // named apart from an entry's: heads stay out of the index
	Hash string `dynamodbav:"hash"`
}

func partition(merchantID string) string { return "AUDIT#" + merchantID }

func key(pk, sk string) dynamo.Item {
	return dynamo.Item{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

// Append adds entries of one merchant to its chain, in their order, one for each
// saga: an entry whose saga is in the log already is left out, so appending again
// after a lost reply or a redelivery changes nothing.
func (l *Log) Append(ctx context.Context, merchantID string, entries []Entry) error {
	for batch := range slices.Chunk(entries, batchSize) {
		if err := l.appendBatch(ctx, merchantID, slices.Clone(batch)); err != nil {
			return err
		}
	}
	return nil
}

var errContended = errors.New("the audit chain kept moving")

func (l *Log) appendBatch(ctx context.Context, merchantID string, batch []Entry) error {
	const most = 30
	pause := resilience.Backoff{First: 5 * time.Millisecond, Last: 200 * time.Millisecond}
	for attempt := 0; attempt < most && len(batch) > 0; attempt++ {
		h, err := l.head(ctx, merchantID)
		if err != nil {
			return err
		}
		items, err := l.items(merchantID, h, batch)
		if err != nil {
			return err
		}
		_, err = l.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		if err == nil {
			for _, e := range batch {
				l.tell(ctx, e)
			}
			return nil
		}
		if dynamo.CancellationReasons(err) == nil && !dynamo.OutcomeUnknown(err) && !dynamo.Contended(err) {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		batch = missing(batch, err)
		if err := pause.Wait(ctx); err != nil {
			return err
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return errContended
}

// missing leaves the entries out that the log holds already.
func missing(batch []Entry, err error) []Entry {
	var left []Entry
	for i, e := range batch {
		if _, there := dynamo.ConditionFailedAt(err, i+1); !there {
			left = append(left, e)
		}
	}
	return left
}

func (l *Log) head(ctx context.Context, merchantID string) (head, error) {
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &l.table, Key: key(partition(merchantID), "HEAD"), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return head{}, fmt.Errorf("read the audit chain's head: %w", err)
	}
	if len(out.Item) == 0 {
		return l.lastEntry(ctx, merchantID)
	}
	var h head
	if err := attributevalue.UnmarshalMap(out.Item, &h); err != nil {
		return head{}, fmt.Errorf("decode the audit chain's head: %w", err)
	}
	return h, nil
}

// lastEntry stands for the head of a chain whose own was deleted by hand: without
// it the chain would begin anew. A chain that has no entry yet has none here too.
func (l *Log) lastEntry(ctx context.Context, merchantID string) (head, error) {
	out, err := l.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &l.table, IndexName: aws.String("by-seq"), Limit: aws.Int32(1), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("merchant_id = :m"),
		ExpressionAttributeValues: dynamo.Item{":m": &types.AttributeValueMemberS{Value: merchantID}},
	})
	if err != nil {
		return head{}, fmt.Errorf("read the audit chain's last entry: %w", err)
	}
	var last []Entry
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &last); err != nil || len(last) == 0 {
		return head{}, err
	}
	return head{Seq: last[0].Seq, Hash: last[0].Hash}, nil
}

// items are the head's move, conditioned on where it was read, and the entries,
// each conditioned on being its saga's first.
func (l *Log) items(merchantID string, from head, batch []Entry) ([]types.TransactWriteItem, error) {
	to := head{PK: partition(merchantID), SK: "HEAD", Seq: from.Seq, Hash: from.Hash}
	items := make([]types.TransactWriteItem, 1, len(batch)+1)
	for _, e := range batch {
		e, err := e.chained(to.Seq, to.Hash)
		if err != nil {
			return nil, err
		}
		item, err := attributevalue.MarshalMap(row{PK: to.PK, SK: "ENTRY#" + e.SagaID, Entry: e})
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Put: &types.Put{
			TableName: &l.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		}})
		to.Seq, to.Hash = e.Seq, e.Hash
	}
	moved, err := attributevalue.MarshalMap(to)
	if err != nil {
		return nil, err
	}
	items[0] = types.TransactWriteItem{Put: &types.Put{
		TableName: &l.table, Item: moved,
		ConditionExpression: aws.String("seq_head = :from OR attribute_not_exists(pk)"),
		ExpressionAttributeValues: dynamo.Item{
			":from": &types.AttributeValueMemberN{Value: strconv.FormatInt(from.Seq, 10)},
		},
	}}
	return items, nil
}

// List returns up to limit entries of a merchant behind seq, in order. The index
// that it reads may lag by moments.
func (l *Log) List(ctx context.Context, merchantID string, seq int64, limit int) ([]Entry, error) {
	out, err := l.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &l.table, IndexName: aws.String("by-seq"), Limit: aws.Int32(int32(limit)), //nolint:gosec // a caller's small constant
		KeyConditionExpression:   aws.String("merchant_id = :m AND #s > :seq"),
		ExpressionAttributeNames: map[string]string{"#s": "seq"},
		ExpressionAttributeValues: dynamo.Item{
			":m":   &types.AttributeValueMemberS{Value: merchantID},
			":seq": &types.AttributeValueMemberN{Value: strconv.FormatInt(seq, 10)},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("list the audit log: %w", err)
	}
	var entries []Entry
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &entries); err != nil {
		return nil, fmt.Errorf("decode the audit log: %w", err)
	}
	return entries, nil
}
