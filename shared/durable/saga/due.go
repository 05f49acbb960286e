package saga

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/dynamo"
)

// readers is how many sagas are read at the same time.
const readers = 32

// Due returns up to limit sagas of each shard whose deadline has passed. It reads the
// sparse index of due sagas: no scan, and a cost that follows what is overdue, not what
// is stored. The index lags behind the table, so each saga is read again. When some
// cannot be read, the error comes with the rest.
func (s *Store) Due(ctx context.Context, limit int) ([]Record, error) {
	now := s.now()
	return s.dueBy(ctx, now, limit, func(r Record) bool { return r.Due != 0 && r.Overdue(now) >= 0 })
}

// Stuck returns up to limit sagas of each shard that are stuck, whenever their next
// redrive is due.
func (s *Store) Stuck(ctx context.Context, limit int) ([]Record, error) {
	return s.dueBy(ctx, s.now().Add(longestWait), limit, func(r Record) bool { return r.State == Stuck })
}

func (s *Store) dueBy(ctx context.Context, until time.Time, limit int, wanted func(Record) bool) ([]Record, error) {
	shards, shardErrs := make([][]dueEntry, dueShards), make([]error, dueShards)
	batch.Each(dueShards, dueShards, func(i int) { shards[i], shardErrs[i] = s.dueIn(ctx, i, until, limit) })
	entries := slices.Concat(shards...)
	records, errs := make([]Record, len(entries)), make([]error, len(entries))
	batch.Each(len(entries), readers, func(i int) { records[i], errs[i] = s.get(ctx, entries[i].key) })
	var found []Record
	for i, r := range records {
		if errs[i] == nil && wanted(r) {
			found = append(found, r)
		}
	}
	return found, errors.Join(errors.Join(shardErrs...), errors.Join(errs...))
}

// dueEntry is an entry of the index: the saga's key and its due time.
type dueEntry struct {
	key dynamo.Item
	due time.Time
}

// dueIn returns the entries of a shard that are due by until, soonest first; at most
// limit, or all for 0.
func (s *Store) dueIn(ctx context.Context, shard int, until time.Time, limit int) ([]dueEntry, error) {
	expr, err := expression.NewBuilder().WithKeyCondition(
		expression.Key("due_shard").Equal(expression.Value(strconv.Itoa(shard))).
			And(expression.Key("due").LessThanEqual(expression.Value(until.UnixMilli())))).Build()
	if err != nil {
		return nil, err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.cfg.Table, IndexName: aws.String("due"), KeyConditionExpression: expr.KeyCondition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}
	if limit > 0 {
		in.Limit = aws.Int32(int32(limit)) //nolint:gosec // a small constant
	}
	var entries []dueEntry
	for pages := dynamodb.NewQueryPaginator(s.db, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query due sagas: %w", err)
		}
		for _, item := range page.Items {
			r, err := decode(item)
			if err != nil {
				return nil, err
			}
			entries = append(entries, dueEntry{dynamo.Item{"pk": item["pk"], "sk": item["sk"]}, time.UnixMilli(r.Due)})
		}
		if limit > 0 {
			break // one page holds limit entries
		}
	}
	return entries, nil
}
