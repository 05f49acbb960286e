package operations

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
)

// ClaimGSTINs claims the GSTIN of each merchant that an earlier version wrote. It returns those
// whose GSTIN another merchant has.
func (s *System) ClaimGSTINs(ctx context.Context) ([]merchant.Profile, error) {
	return s.Merchants.Migrate(ctx, s.db, func(ctx context.Context, id string) (bool, error) {
		issued := false
		_, err := s.Invoices.List(ctx, invoice.Query{Tenant: caller.ActingFor(id), Limit: 1}, func(gst.Invoice) bool {
			issued = true
			return true
		})
		return issued, err
	})
}
