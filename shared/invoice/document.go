package invoice

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst"
)

// Document is an invoice as the audit log commits to it.
type Document struct {
	Invoice gst.Invoice // without its contact
	JSON    []byte      // as issued, without the contact
	Salt    []byte      // of the commitment; empty for one of an earlier version, to which no entry commits
}

// Document reads a tenant's document by id, strongly consistent. Error: *problem.Error of kind NotFound,
// also for another's.
func (s *Store) Document(ctx context.Context, t caller.Tenant, id string) (Document, error) {
	if len(id) != idLength {
		return Document{}, NotFound()
	}
	item, err := s.read(ctx, invoiceKey(id), "an invoice")
	if err != nil {
		return Document{}, err
	}
	if len(item) == 0 {
		return Document{}, NotFound()
	}
	read, err := decode(item)
	if err == nil && !t.Owns(read.SellerMerchantID) {
		err = NotFound()
	}
	if err != nil {
		return Document{}, err
	}
	return Document{read.Invoice, read.json, read.salt}, nil
}
