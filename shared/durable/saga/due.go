package saga

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/dynamo"
)

// readers is how many shards, and then how many sagas, are read at the same time.
const readers = 50

// Due returns the first of DuePages.
func (s *Store) Due(ctx context.Context, limit int) ([]Record, error) {
	for page, err := range s.DuePages(ctx, limit) {
		return page, err
	}
	return nil, nil
}

// DuePages returns all sagas whose deadline has passed, in pages of up to limit sagas of each shard,
// soonest first. It reads the sparse index of due sagas: no scan, and a cost that follows what is
// overdue, not what is stored. The index lags behind the table, so each saga is read again, and no
// entry of the index is read twice. When some cannot be read, the error comes with the rest of the page.
func (s *Store) DuePages(ctx context.Context, limit int) iter.Seq2[[]Record, error] {
	now := s.now()
	return s.pages(ctx, s.shards(), now, limit, func(r Record) bool { return r.Due != 0 && r.Overdue(now) >= 0 })
}

// Stuck returns up to limit sagas of each shard that are stuck, whenever their next
// redrive is due.
func (s *Store) Stuck(ctx context.Context, limit int) ([]Record, error) {
	stuck := func(r Record) bool { return r.State == Stuck }
	for page, err := range s.pages(ctx, shardsOf(stuckSet, sideShards), s.now().Add(longestWait), limit, stuck) {
		return page, err
	}
	return nil, nil
}

// pages returns the wanted sagas of some shards that are due by until.
func (s *Store) pages(
	ctx context.Context, shards []string, until time.Time, limit int, wanted func(Record) bool,
) iter.Seq2[[]Record, error] {
	return func(yield func([]Record, error) bool) {
		var queries []*dynamodb.QueryPaginator
		for _, shard := range shards {
			queries = append(queries, dynamodb.NewQueryPaginator(s.db, s.dueQuery(shard, until, limit)))
		}
		for len(queries) > 0 {
			keys, queryErr := nextKeys(ctx, queries)
			records, readErr := s.readAll(ctx, keys)
			found := slices.DeleteFunc(records, func(r Record) bool { return !wanted(r) })
			if !yield(found, errors.Join(queryErr, readErr)) || ctx.Err() != nil {
				return
			}
			queries = slices.DeleteFunc(queries, func(q *dynamodb.QueryPaginator) bool {
				return q == nil || !q.HasMorePages()
			})
		}
	}
}

// nextKeys returns the keys of the next page of each query, in the order of the queries. It sets those that
// fail to nil: the next run of recovery repeats them.
func nextKeys(ctx context.Context, queries []*dynamodb.QueryPaginator) ([]dynamo.Item, error) {
	pages, errs := make([][]dynamo.Item, len(queries)), make([]error, len(queries))
	batch.Each(len(queries), readers, func(i int) {
		page, err := queries[i].NextPage(ctx)
		if err != nil {
			queries[i], errs[i] = nil, fmt.Errorf("query due sagas: %w", err)
			return
		}
		for _, item := range page.Items {
			pages[i] = append(pages[i], dynamo.Item{"pk": item["pk"], "sk": item["sk"]})
		}
	})
	return slices.Concat(pages...), errors.Join(errs...)
}

// readAll returns the sagas that could be read.
func (s *Store) readAll(ctx context.Context, keys []dynamo.Item) ([]Record, error) {
	records, errs := make([]Record, len(keys)), make([]error, len(keys))
	batch.Each(len(keys), readers, func(i int) { records[i], errs[i] = s.get(ctx, keys[i]) })
	var read []Record
	for i, r := range records {
		if errs[i] == nil {
			read = append(read, r)
		}
	}
	return read, errors.Join(errs...)
}

// dueQuery selects the entries of a shard that are due by until, soonest first, in pages of limit.
func (s *Store) dueQuery(shard string, until time.Time, limit int) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &s.cfg.Table, IndexName: aws.String("due"),
		KeyConditionExpression:    aws.String("due_shard = :shard AND due <= :until"),
		ExpressionAttributeValues: dynamo.Item{":shard": dynamo.S(shard), ":until": dynamo.N(until.UnixMilli())},
		Limit:                     aws.Int32(int32(limit)), //nolint:gosec // a small constant
	}
}
