package merchant

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Migrate claims the GSTIN of each profile that was written before there were claims, and fixes
// it if issued reports that the merchant has issued an invoice. It may be repeated. It
// returns the merchants whose GSTIN another merchant has, which an operator must settle.
func (s *Store) Migrate(
	ctx context.Context, db dynamodb.ScanAPIClient, issued func(ctx context.Context, id string) (bool, error),
) (conflicts []Profile, err error) {
	isProfile := expression.Name("sk").Equal(expression.Value(profileSK))
	for item, err := range dynamo.Scan(ctx, db, s.table, isProfile) {
		if err != nil {
			return conflicts, fmt.Errorf("scan the merchants: %w", err)
		}
		p, _, err := decode(item)
		if err != nil {
			return conflicts, err
		}
		err = s.migrate(ctx, p, issued)
		if errors.Is(err, errTaken) {
			conflicts = append(conflicts, p)
		} else if err != nil {
			return conflicts, err
		}
	}
	return conflicts, nil
}

var errTaken = errors.New("another merchant has the GSTIN")

func (s *Store) migrate(ctx context.Context, p Profile, issued func(context.Context, string) (bool, error)) error {
	used, err := issued(ctx, p.ID)
	if err != nil {
		return err
	}
	claim, err := s.claim(p.GSTIN, p.ID)
	if err != nil {
		return err
	}
	items := []types.TransactWriteItem{claim}
	if used {
		mark, err := s.MarkInUse(p.ID, p.GSTIN)
		if err != nil {
			return err
		}
		items = append(items, mark)
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	if _, taken := dynamo.ConditionFailedAt(err, 0); taken {
		return errTaken
	}
	if err != nil {
		return fmt.Errorf("claim the GSTIN of merchant %s: %w", p.ID, err)
	}
	return nil
}
