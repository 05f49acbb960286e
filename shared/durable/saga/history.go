package saga

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/idempotency"
)

// OfKey returns the sagas that a key has opened, newest first: the current one, and up to
// limit archived ones. It is for operators: the sagas of a key that is retried all day are
// many, and the archived ones come in no order that says which are the newest.
func (s *Store) OfKey(ctx context.Context, key idempotency.Key, limit int) ([]Record, error) {
	current, err := s.get(ctx, idempotency.ItemKey(key.Hash()))
	if err != nil {
		return nil, err
	}
	archived, err := s.archivedOf(ctx, key.Hash(), limit)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(archived, func(r Record) bool { return r.SagaID == current.SagaID })
	if current.SagaID != "" {
		found = append(found, current)
	}
	slices.SortFunc(found, func(a, b Record) int { return cmp.Compare(b.BegunAt, a.BegunAt) })
	return found, nil
}

// archivedOf returns the archived sagas of a key, in no order that tells their age; at most limit,
// or all for 0.
func (s *Store) archivedOf(ctx context.Context, keyHash string, limit int) ([]Record, error) {
	expr, err := expression.NewBuilder().WithKeyCondition(
		expression.Key("pk").Equal(expression.Value(idempotency.PartitionKey(keyHash))).
			And(expression.Key("sk").BeginsWith(keyHash + idSeparator))).Build()
	if err != nil {
		return nil, err
	}
	in := &dynamodb.QueryInput{
		TableName: &s.cfg.Table, KeyConditionExpression: expr.KeyCondition(), ConsistentRead: aws.Bool(true),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}
	if limit > 0 {
		in.Limit = aws.Int32(int32(limit)) //nolint:gosec // a small constant
	}
	var found []Record
	for pages := dynamodb.NewQueryPaginator(s.db, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query the sagas of a key: %w", err)
		}
		for _, item := range page.Items {
			r, err := decode(item)
			if err != nil {
				return nil, err
			}
			found = append(found, r)
		}
		if limit > 0 {
			break // one page holds limit sagas
		}
	}
	return found, nil
}
