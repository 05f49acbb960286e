package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Register returns every entry of a merchant's documents that are dated in a period, and of acts in
// that period, in the order of their places. A period is a month, such as 2026-11. An entry that was
// appended before the call is in it: it is read from the table, strongly consistent. One that is
// appended during the call may be. It holds the month in memory, some 1.5 KB for an entry.
func (l *Log) Register(ctx context.Context, merchantID, period string) ([]Placed, error) {
	e, err := l.end(ctx)
	if err != nil {
		return nil, err
	}
	parts, errs := make([][]Placed, e.Buckets), make([]error, e.Buckets)
	var wg sync.WaitGroup
	for i := range e.Buckets {
		wg.Go(func() { parts[i], errs[i] = l.bucket(ctx, partition(merchantID, period, i)) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all := slices.Concat(parts...)
	slices.SortFunc(all, func(a, b Placed) int { return cmp.Compare(a.Place, b.Place) })
	return all, nil
}

func (l *Log) bucket(ctx context.Context, partition string) ([]Placed, error) {
	items, err := dynamo.QueryAll(ctx, l.db, l.cfg.Table, expression.Key("pk").Equal(expression.Value(partition)))
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	return decodeRows(items)
}

func decodeRows(items []dynamo.Item) ([]Placed, error) {
	all := make([]Placed, len(items))
	for i, item := range items {
		var err error
		if all[i], err = decodeRow(item); err != nil {
			return nil, err
		}
	}
	return all, nil
}
