package operations

import (
	"context"

	"github.com/invochain/invochain/shared/merchant"
)

// ClaimGSTINs claims the GSTIN of each merchant that an earlier version wrote. It returns those
// whose GSTIN another merchant has.
func (s *System) ClaimGSTINs(ctx context.Context) ([]merchant.Profile, error) {
	return s.Merchants.Migrate(ctx, s.db, func(ctx context.Context, id string) (bool, error) {
		found, _, err := s.Invoices.List(ctx, id, "", 1)
		return len(found) > 0, err
	})
}
