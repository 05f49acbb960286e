package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// listedRow is the place of an erasure that is due later in the list of them all, by the time when it is
// due. Those that a hold without an end postpones are behind the others.
type listedRow struct {
	PK       string `dynamodbav:"pk"`
	SK       string `dynamodbav:"sk"`
	Merchant string `dynamodbav:"merchant_id"`
}

const (
	listPK = "PENDING"
	held   = "HELD#" // instead of a time
)

// timeKey returns the sort key of a time in Unix milliseconds, without an erasure.
func timeKey(ms int64) string { return fmt.Sprintf("%013d", ms) }

// listed returns the place of an erasure.
func (p pendingRow) listed() listedRow {
	at := held
	if p.Effective != 0 {
		at = timeKey(p.Effective) + "#"
	}
	return listedRow{
		PK: listPK, SK: at + strings.TrimPrefix(p.SK, pendingPrefix), Merchant: strings.TrimPrefix(p.PK, holdsPK("")),
	}
}

// pending returns the key of the erasure in a place.
func (l listedRow) pending() dynamo.Item {
	_, id, _ := strings.Cut(l.SK, "#")
	return dynamo.Key(holdsPK(l.Merchant), pendingPrefix+id)
}

func (s *Store) unlist(l listedRow) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{TableName: &s.Table, Key: dynamo.Key(l.PK, l.SK)}}
}

// Finish makes the erasures that are due later agree with the holds, in case a request about a hold failed
// half-way, and destroys the keys of those that are effective: DynamoDB deletes expired items some days
// late. It returns how many were due and did not fail: one that fails does not hold up the others. It may
// run at the same time as any other request, and as itself.
func (s *Store) Finish(ctx context.Context) (finished int, err error) {
	all, err := query[listedRow](ctx, s, expression.Key("pk").Equal(expression.Value(listPK)))
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, merchant := range merchantsOf(all) {
		if err := s.settle(ctx, merchant); err != nil {
			failed = append(failed, err)
		}
	}
	due, err := s.listedBefore(ctx, s.Now().Add(time.Millisecond))
	if err != nil {
		return 0, errors.Join(append(failed, err)...)
	}
	for _, l := range due {
		if err := decide(ctx, func() error { return s.finish(ctx, l) }); err != nil {
			failed = append(failed, err)
			continue
		}
		finished++
	}
	return finished, errors.Join(failed...)
}

// merchantsOf returns the merchants of a list, once each.
func merchantsOf(all []listedRow) []string {
	merchants := make([]string, 0, len(all))
	for _, l := range all {
		merchants = append(merchants, l.Merchant)
	}
	slices.Sort(merchants)
	return slices.Compact(merchants)
}

// finish destroys the keys of an erasure and forgets that it was pending, if it is effective.
func (s *Store) finish(ctx context.Context, l listedRow) error {
	items := []types.TransactWriteItem{s.unlist(l)}
	item, err := s.read(ctx, l.pending())
	if err != nil {
		return err
	}
	if len(item) > 0 {
		var p pendingRow
		if err := attributevalue.UnmarshalMap(item, &p); err != nil {
			return fmt.Errorf("decode a pending erasure: %w", err)
		}
		if p.listed() != l {
			return nil // a hold has moved it
		}
		rest, err := s.finishItems(ctx, l.Merchant, p)
		if err != nil {
			return err
		}
		items = append(items, rest...)
	}
	return s.write(ctx, items)
}

func (s *Store) finishItems(ctx context.Context, merchant string, p pendingRow) ([]types.TransactWriteItem, error) {
	forget, err := dynamo.TransactDelete(s.Table, dynamo.Key(p.PK, p.SK),
		expression.Name("effective_at").Equal(expression.Value(p.Effective)))
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{forget}
	for keyID, subject := range p.Keys {
		destroy, err := s.Keys.DropEnded(ctx, merchant, subject, keyID)
		if err != nil {
			return nil, err
		}
		items = append(items, destroy...)
	}
	return items, nil
}

// overdueAfter is how long after its time an erasure is overdue. Finish runs many times meanwhile.
const overdueAfter = 24 * time.Hour

// Overdue returns how many erasures are overdue: effective for more than a day, and not finished.
func (s *Store) Overdue(ctx context.Context) (int, error) {
	late, err := s.listedBefore(ctx, s.Now().Add(-overdueAfter))
	return len(late), err
}

// listedBefore reads the erasures that are due before a time, the earliest first.
func (s *Store) listedBefore(ctx context.Context, t time.Time) ([]listedRow, error) {
	return query[listedRow](ctx, s, expression.Key("pk").Equal(expression.Value(listPK)).
		And(expression.Key("sk").LessThan(expression.Value(timeKey(t.UnixMilli())))))
}

// query reads the items under a key condition, strongly consistent.
func query[T any](ctx context.Context, s *Store, keys expression.KeyConditionBuilder) ([]T, error) {
	items, err := dynamo.QueryAll(ctx, s.db, s.Table, keys)
	if err != nil {
		return nil, fmt.Errorf("read erasures and holds: %w", err)
	}
	var all []T
	if err := attributevalue.UnmarshalListOfMaps(items, &all); err != nil {
		return nil, fmt.Errorf("decode erasures and holds: %w", err)
	}
	return all, nil
}
