package invoice

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/optimistic"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// seriesRow is a series as the table holds it: Next is the sequence number that it
// allocates next, and its version.
type seriesRow struct {
	Next    int64     `dynamodbav:"next"`
	Skipped []Skipped `dynamodbav:"skipped,omitempty"`
	Fence   int64     `dynamodbav:"fence,omitempty"` // of the last hand-over
}

// Skipped numbers of a series were issued by other software before it was handed
// over: they explain the gap.
type Skipped struct {
	First int64 `dynamodbav:"first"`
	Last  int64 `dynamodbav:"last"`
	At    int64 `dynamodbav:"at"` // Unix milliseconds
}

// SeriesKey returns the partition key of a series in this scope.
func (r NumberScope) SeriesKey(series string) string {
	return "SERIES#" + r.MerchantID + "#" + r.DocumentType + "#" + r.FinancialYear + "#" + series
}

// LockName names the lock under which a series is handed over.
func (r NumberScope) LockName(series string) string { return r.SeriesKey(series) }

// AdvanceSeries is the transaction's item that moves a series on from what was read,
// past the number used. In one transaction with the number, it leaves no gap; its
// condition brings the right position back to an instance that is behind.
func (s *Store) AdvanceSeries(r NumberScope, series string, read, used int64) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: key(r.SeriesKey(series), "SERIES"),
		UpdateExpression:         aws.String("SET #n = :next"),
		ConditionExpression:      aws.String("#n = :read OR (attribute_not_exists(#n) AND :read = :first)"),
		ExpressionAttributeNames: map[string]string{"#n": "next"},
		ExpressionAttributeValues: dynamo.Item{
			":next": number(used + 1), ":read": number(read), ":first": number(1),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// NextInSeries reads the sequence number that the series allocates next.
func (s *Store) NextInSeries(ctx context.Context, r NumberScope, series string) (int64, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: key(r.SeriesKey(series), "SERIES"), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("read series: %w", err)
	}
	return NextOf(out.Item), nil
}

// NextOf returns the sequence number that a series item allocates next; 1 without an item.
func NextOf(item dynamo.Item) int64 {
	var v seriesRow
	if err := attributevalue.UnmarshalMap(item, &v); err != nil || v.Next < 1 {
		return 1
	}
	return v.Next
}

// TakeOverSeries has a series that other software began go on here, at next: a merchant
// that moves in the middle of a year. It is done under the lock of LockName, whose
// lease is given; sales that allocate from the series meanwhile are taken into
// account. Errors: problem.Conflict series_would_go_back when a number from next on
// may be allocated already, series_exhausted when next has no room; lock.ErrLost
// when a later holder was here first; *optimistic.ConflictError.
func (s *Store) TakeOverSeries(ctx context.Context, lease lock.Lease, r NumberScope, series string, next int64, now time.Time) error {
	if _, err := gst.SeriesNumber(series, r.FinancialYear, next); err != nil {
		return err
	}
	table := optimistic.Table{DB: s.db, Name: s.table, Version: "next"}
	_, err := optimistic.Update(ctx, table, key(r.SeriesKey(series), "SERIES"), func(row seriesRow) (seriesRow, error) {
		first := max(row.Next, 1)
		switch {
		case row.Fence > lease.Fence:
			return row, lock.ErrLost
		case next <= first:
			return row, goesBack(series, first)
		}
		row.Skipped = append(row.Skipped, Skipped{First: first, Last: next - 1, At: now.UnixMilli()})
		row.Next, row.Fence = next, lease.Fence
		return row, nil
	})
	return err
}

func goesBack(series string, at int64) error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "series_would_go_back",
		Message: fmt.Sprintf("series %s allocates %d next already", series, at),
	}
}
