package invoice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
)

// Document is an invoice as the audit log commits to it.
type Document struct {
	Invoice gst.Invoice
	JSON    []byte // as issued
	Salt    []byte // of the commitment; empty for one of an earlier version, to which no entry commits
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
	inv, err := decode(item)
	if err != nil {
		return Document{}, err
	}
	if !t.Owns(inv.SellerMerchantID) {
		return Document{}, NotFound()
	}
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Document{}, fmt.Errorf("decode an invoice: %w", err)
	}
	body, err := idempotency.Decompress(r.Doc)
	return Document{inv, body, r.Salt}, err
}
