package invoice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/optimistic"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// seriesRow is a series in the table.
type seriesRow struct {
	Next    int64     `dynamodbav:"next"` // sequence number to allocate next; also the row's version
	Skipped []skipped `dynamodbav:"skipped,omitempty"`
	Fence   int64     `dynamodbav:"fence,omitempty"` // of the last take-over

	Turn      string `dynamodbav:"turn,omitempty"`       // whose turn it is, see TakeTurn
	TurnUntil int64  `dynamodbav:"turn_until,omitempty"` // Unix milliseconds
}

// skipped is a range of numbers that other software issued before the series was taken
// over. It explains the gap.
type skipped struct {
	First int64 `dynamodbav:"first"`
	Last  int64 `dynamodbav:"last"`
	At    int64 `dynamodbav:"at"` // Unix milliseconds
}

// SeriesKey returns the partition key of a series in this scope.
func (s NumberScope) SeriesKey(series string) string {
	return "SERIES#" + s.MerchantID + "#" + s.DocumentType + "#" + s.FinancialYear + "#" + series
}

// LockName returns the name of the lock under which a series is taken over.
func (s NumberScope) LockName(series string) string { return s.SeriesKey(series) }

func (s NumberScope) seriesItemKey(series string) dynamo.Item {
	return dynamo.Key(s.SeriesKey(series), "SERIES")
}

// AdvanceSeries returns the item of a transaction that advances a series from position read
// to the number after used. Written together with the number, it leaves no gap. It ends a turn.
func (s *Store) AdvanceSeries(scope NumberScope, series string, read, used int64) (types.TransactWriteItem, error) {
	next := expression.Name("next")
	unchanged := next.Equal(expression.Value(read))
	if read == 1 {
		unchanged = unchanged.Or(next.AttributeNotExists())
	}
	change := expression.Set(next, expression.Value(used+1)).
		Remove(expression.Name(turn)).Remove(expression.Name(turnUntil))
	return dynamo.TransactUpdate(s.table, scope.seriesItemKey(series), change, unchanged)
}

// NextInSeries reads the sequence number that the series allocates next; 1 for a new series.
func (s *Store) NextInSeries(ctx context.Context, scope NumberScope, series string) (int64, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: scope.seriesItemKey(series), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("read series: %w", err)
	}
	return nextOf(out.Item), nil
}

// Attributes of a turn.
const (
	turn      = "turn"
	turnUntil = "turn_until"
)

// ErrNotInTurn means that another writer has the turn, or that a transaction holds the series.
var ErrNotInTurn = errors.New("it is another writer's turn")

// TakeTurn asks for the turn to allocate from a busy series, until a time at most, and returns the
// sequence number that the series allocates next. AdvanceSeries ends it. A turn protects nothing, the
// condition of AdvanceSeries does: it spares writers a large transaction that would only meet another's.
// A writer that has the turn may take it again. Error: ErrNotInTurn.
func (s *Store) TakeTurn(
	ctx context.Context, scope NumberScope, series, writer string, now, until time.Time,
) (next int64, err error) {
	free := expression.Name(turnUntil).AttributeNotExists().
		Or(expression.Name(turnUntil).LessThanEqual(expression.Value(now.UnixMilli()))).
		Or(expression.Name(turn).Equal(expression.Value(writer)))
	change := expression.Set(expression.Name(turn), expression.Value(writer)).
		Set(expression.Name(turnUntil), expression.Value(until.UnixMilli()))
	expr, err := expression.NewBuilder().WithUpdate(change).WithCondition(free).Build()
	if err != nil {
		return 0, err
	}
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: scope.seriesItemKey(series), ReturnValues: types.ReturnValueAllNew,
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	})
	switch {
	case dynamo.ConditionFailed(err) || dynamo.Contended(err):
		return 0, ErrNotInTurn
	case err != nil:
		return 0, fmt.Errorf("take the turn of a series: %w", err)
	}
	return nextOf(out.Attributes), nil
}

// nextOf returns the sequence number that a series item allocates next; 1 without an item.
func nextOf(item dynamo.Item) int64 {
	var r seriesRow
	if err := attributevalue.UnmarshalMap(item, &r); err != nil || r.Next < 1 {
		return 1
	}
	return r.Next
}

// TakeOverSeries continues a series that other software started, at next, for a merchant
// who migrates in the middle of a year. The caller holds the lock LockName under lease.
// Invoices may allocate from the series at the same time. Errors: *problem.Error of kind
// Conflict, series_would_go_back when a number from next on may be allocated already,
// series_exhausted when next is not a valid number; lock.ErrLost when a later holder of the
// lock took the series over; *optimistic.ConflictError.
func (s *Store) TakeOverSeries(
	ctx context.Context, lease lock.Lease, scope NumberScope, series string, next int64, now time.Time,
) error {
	if _, err := gst.SeriesNumber(series, scope.FinancialYear, next); err != nil {
		return err
	}
	table := optimistic.Table{DB: s.db, Name: s.table, Version: "next"}
	advance := func(row seriesRow) (seriesRow, error) {
		first := max(row.Next, 1)
		switch {
		case row.Fence > lease.Fence:
			return row, lock.ErrLost
		case next <= first:
			return row, goesBack(series, first)
		}
		row.Skipped = append(row.Skipped, skipped{First: first, Last: next - 1, At: now.UnixMilli()})
		row.Next, row.Fence = next, lease.Fence
		return row, nil
	}
	_, err := optimistic.Update(ctx, table, scope.seriesItemKey(series), advance)
	return err
}

func goesBack(series string, next int64) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "series_would_go_back",
		Message: fmt.Sprintf("series %s is already at %d; continue it at a higher number", series, next),
	}
}
