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

	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/dynamo"
	"github.com/invochain/invochain/shared/lock"
	"github.com/invochain/invochain/shared/optimistic"
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

func (r Range) seriesKey(series string) string {
	return "SERIES#" + r.MerchantID + "#" + r.DocumentType + "#" + r.FinancialYear + "#" + series
}

// LockName names the lock under which a series is handed over.
func (r Range) LockName(series string) string { return r.seriesKey(series) }

// advance is the transaction's item that moves a series on from what was read,
// past the number used. In one transaction with the number, it leaves no gap; its
// condition brings the right position back to an instance that is behind.
func (s *Store) advance(r Range, series string, read, used int64) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: key(r.seriesKey(series), "SERIES"),
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

// nextInSeries reads the sequence number that the series allocates next.
func (s *Store) nextInSeries(ctx context.Context, r Range, series string) (int64, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: key(r.seriesKey(series), "SERIES"), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("read series: %w", err)
	}
	return nextOf(out.Item), nil
}

func nextOf(item dynamo.Item) int64 {
	var v seriesRow
	if err := attributevalue.UnmarshalMap(item, &v); err != nil || v.Next < 1 {
		return 1
	}
	return v.Next
}

// HandOver has a series that other software began go on here, at next: a merchant
// that moves in the middle of a year. It is done under the lock of LockName, whose
// lease is given; sales that allocate from the series meanwhile are taken into
// account. Errors: domain.Conflict series_would_go_back when a number from next on
// may be allocated already, series_exhausted when next has no room; lock.ErrLost
// when a later holder was here first; *optimistic.ConflictError.
func (s *Store) HandOver(ctx context.Context, lease lock.Lease, r Range, series string, next int64, now time.Time) error {
	if _, err := domain.SeriesNumber(series, r.FinancialYear, next); err != nil {
		return err
	}
	table := optimistic.Table{DB: s.db, Name: s.table, Version: "next"}
	_, err := optimistic.Update(ctx, table, key(r.seriesKey(series), "SERIES"), func(row seriesRow) (seriesRow, error) {
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
	return &domain.Error{
		Kind: domain.Conflict, Code: "series_would_go_back",
		Message: fmt.Sprintf("series %s allocates %d next already", series, at),
	}
}
