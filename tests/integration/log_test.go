//go:build integration

package integration_test

import (
	"context"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/audittest"
)

// logged returns the entries of a merchant's documents in the audit log.
func (f *fixture) logged(ctx context.Context, merchant string) ([]audit.Entry, error) {
	all, err := audittest.All(ctx, f.Audit)
	var own []audit.Entry
	for _, e := range all {
		if e.MerchantID == merchant && e.InvoiceID != "" {
			own = append(own, e)
		}
	}
	return own, err
}
