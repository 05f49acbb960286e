package invoice

import (
	"context"
	"strings"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/gst"
)

// byMerchant is the index of a merchant's invoices in the order of their creation.
const byMerchant = "by-merchant"

// Bounds of the work for one page with filters.
const (
	maxExamined = 300      // invoices
	maxDecoded  = 16 << 20 // bytes of documents
)

// Query selects a page of a merchant's invoices.
type Query struct {
	Tenant caller.Tenant // of one merchant
	Filter
	Cursor string // of the page before; empty for the first
	Limit  int    // 1 to 100
}

// Filter selects invoices. Empty fields select all.
type Filter struct {
	DocumentType, Status, FinancialYear string
	BuyerGSTIN                          gst.GSTIN
	From, To                            gst.Date // of the invoice date, inclusive
	Reference, ExternalID               string
}

// List passes up to Limit of a merchant's invoices that match the filter to take, newest
// first, and returns the cursor of the next page; empty on the last page. The page ends
// before the first invoice that take declines; it must not decline the first one. A page with
// filters examines at most maxExamined invoices, so it may have few or none before the last
// page. The order comes from an index that may lag behind the table by moments; the invoices
// themselves are read from the table. Error: *problem.Error of kind Invalid for a cursor that
// List did not return for this merchant and filter.
func (s *Store) List(ctx context.Context, q Query, take func(gst.Invoice) bool) (string, error) {
	after, err := q.startKey()
	if err != nil {
		return "", err
	}
	bounds := listing.Bounds{Take: q.Limit, Examine: q.Limit}
	if q.Filter != (Filter{}) {
		bounds.Examine = maxExamined
	}
	index := listing.Index{
		Table: s.table, Name: byMerchant, Hash: "merchant_id", Partition: q.Tenant.MerchantID(), Descending: true,
		Prepare: s.findKeys,
	}
	last, err := index.Read(ctx, s.db, after, bounds, s.visitor(ctx, q, take))
	return listing.Cursor(q.identity(), dynamo.Text(last["listed_at"])), err
}

// visitor returns what List does with each item in turn.
func (s *Store) visitor(
	ctx context.Context, q Query, take func(gst.Invoice) bool,
) func(dynamo.Item) (listing.Verdict, error) {
	decoded := 0
	return func(item dynamo.Item) (listing.Verdict, error) {
		read, err := decode(item)
		if err != nil {
			return listing.Stop, err
		}
		if decoded += len(read.json); decoded > maxDecoded && decoded > len(read.json) {
			return listing.Stop, nil
		}
		if !q.matches(read.Invoice) {
			return listing.Skip, nil
		}
		inv, err := s.open(ctx, read)
		if err != nil {
			return listing.Stop, err
		}
		if !take(inv) {
			return listing.Stop, nil
		}
		return listing.Take, nil
	}
}

// matches reports whether the filter selects an invoice.
func (f Filter) matches(inv gst.Invoice) bool {
	return selects(f.DocumentType, inv.DocumentType) && selects(f.Status, inv.Status) &&
		selects(f.BuyerGSTIN, inv.BuyerGSTIN) && selects(f.FinancialYear, inv.FinancialYear()) &&
		selects(f.Reference, inv.Reference) && selects(f.ExternalID, inv.ExternalID) &&
		f.From <= inv.InvoiceDate && (f.To == "" || inv.InvoiceDate <= f.To)
}

func selects[T ~string](wanted, value T) bool { return wanted == "" || wanted == value }

// identity identifies the query in its cursors; without a filter it is the merchant alone.
func (q Query) identity() string {
	f := q.Filter
	filters := []string{
		f.DocumentType, f.Status, f.FinancialYear, string(f.BuyerGSTIN), string(f.From), string(f.To),
		f.Reference, f.ExternalID,
	}
	return strings.TrimRight(q.Tenant.MerchantID()+"\n"+strings.Join(filters, "\n"), "\n")
}

// startKey returns the index key that the cursor stands for: the sort key comes from it, the
// partition never does.
func (q Query) startKey() (dynamo.Item, error) {
	listedAt, err := listing.Position(q.identity(), q.Cursor)
	if err != nil || listedAt == "" {
		return nil, err
	}
	_, id, found := strings.Cut(listedAt, "#")
	if !found || len(id) != idLength {
		return nil, listing.Invalid()
	}
	start := invoiceKey(id)
	start["merchant_id"], start["listed_at"] = dynamo.S(q.Tenant.MerchantID()), dynamo.S(listedAt)
	return start, nil
}
