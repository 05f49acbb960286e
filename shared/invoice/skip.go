package invoice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// maxSkip bounds the numbers that one call of SkipTaken passes.
const maxSkip = 1000

// SkipTaken moves a series from position read to the first number from `from` on that no
// invoice bears; at most 1,000 numbers further. It is for numbers of the series' form that the
// client chose itself: each would otherwise cost one failed commit. The series moves at once,
// so that a request that runs out of time leaves its progress to the next. The caller
// re-reads the series: the move may have met another one, or its reply may have been lost.
func (s *Store) SkipTaken(ctx context.Context, scope NumberScope, series string, read, from int64) error {
	free := from
	for free < from+maxSkip {
		taken, err := s.takenFrom(ctx, scope, series, free)
		if err != nil {
			return err
		}
		free += taken
		if taken < dynamo.MaxBatchGet {
			break
		}
	}
	advance, err := s.AdvanceSeries(scope, series, read, free-1)
	if err != nil {
		return err
	}
	err = s.Write(ctx, []types.TransactWriteItem{advance})
	if _, moved := dynamo.ConditionFailedAt(err, 0); moved || dynamo.Contended(err) || dynamo.OutcomeUnknown(err) {
		return nil
	}
	return err
}

// takenFrom returns how many numbers in a row are taken, from sequence number first on; at most
// dynamo.MaxBatchGet. A number that could not be read, or that is too long, counts as free: the commit
// will tell.
func (s *Store) takenFrom(ctx context.Context, scope NumberScope, series string, first int64) (int64, error) {
	keys := make([]dynamo.Item, 0, dynamo.MaxBatchGet)
	for seq := first; seq < first+dynamo.MaxBatchGet; seq++ {
		number, err := gst.SeriesNumber(series, scope.FinancialYear, seq)
		if err != nil {
			break
		}
		keys = append(keys, dynamo.Key(scope.numberPK(number), numberSK))
	}
	if len(keys) == 0 {
		return 0, nil
	}
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		s.table: {Keys: keys, ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("pk")},
	}})
	if err != nil {
		return 0, fmt.Errorf("read the numbers of a series: %w", err)
	}
	taken := map[string]bool{}
	for _, item := range out.Responses[s.table] {
		taken[dynamo.Text(item["pk"])] = true
	}
	var n int64
	for _, key := range keys {
		if !taken[dynamo.Text(key["pk"])] {
			break
		}
		n++
	}
	return n, nil
}
