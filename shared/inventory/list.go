package inventory

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/gst"
)

const (
	// byMerchant is the index of a merchant's stock in the order of its SKUs. Its entries never
	// change once a SKU exists, so it adds nothing to the cost of a reservation.
	byMerchant = "by-merchant"
	// stockOf is the attribute that lists a stock item: the merchant's id.
	stockOf = "stock_of"
)

// addToList adds to a change of a stock item that the item is in its merchant's list. Each write
// that may create an item needs it.
func addToList(change expression.UpdateBuilder, merchantID string) expression.UpdateBuilder {
	return change.Set(expression.Name(stockOf), expression.Value(merchantID))
}

// List returns the stock of up to limit (1 to 100) of a tenant's SKUs, in their order, and the
// cursor of the next page; empty on the last page. The index may lag behind the table by
// moments; the levels are read from the table. Error: *problem.Error of kind Invalid for a
// cursor that List did not return for this merchant.
func (s *Store) List(ctx context.Context, t caller.Tenant, cursor string, limit int) ([]Level, string, error) {
	merchantID := t.MerchantID()
	after, err := startKey(merchantID, cursor)
	if err != nil {
		return nil, "", err
	}
	var levels []Level
	var read map[owned]Level
	index := listing.Index{
		Table: s.cfg.Table, Name: byMerchant, Hash: stockOf, Partition: merchantID,
		Prepare: func(ctx context.Context, items []dynamo.Item) (err error) {
			read, err = s.levels(ctx, items)
			return err
		},
	}
	bounds := listing.Bounds{Take: limit, Examine: limit}
	last, err := index.Read(ctx, s.db, after, bounds, func(item dynamo.Item) (listing.Verdict, error) {
		levels = append(levels, read[owned{merchantID, skuOf(item)}])
		return listing.Take, nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list stock: %w", err)
	}
	return levels, listing.Cursor(merchantID, skuOf(last)), nil
}

// levels returns the levels of stock items by their SKUs. It reads the items of their sales in one call,
// and a SKU again that is split or that a sale has overtaken.
func (s *Store) levels(ctx context.Context, items []dynamo.Item) (map[owned]Level, error) {
	if len(items) == 0 {
		return nil, nil
	}
	keys := make([]dynamo.Item, len(items))
	for i, item := range items {
		keys[i] = dynamo.Key(dynamo.Text(item["pk"]), salesSK)
	}
	sales, err := dynamo.GetAll(ctx, s.db, s.cfg.Table, keys)
	if err != nil {
		return nil, err
	}
	readings, err := decodeReadings(append(items, sales...))
	if err != nil {
		return nil, err
	}
	levels := make(map[owned]Level, len(readings))
	for of, r := range readings {
		if r.split() || r.level().Reserved < 0 {
			if r, err = s.read(ctx, of.merchantID, of.sku); err != nil {
				return nil, err
			}
		}
		levels[of] = r.level()
	}
	return levels, nil
}

// startKey returns the index key that a cursor stands for.
func startKey(merchantID, cursor string) (dynamo.Item, error) {
	sku, err := listing.Position(merchantID, cursor)
	if err != nil || sku == "" {
		return nil, err
	}
	if !gst.ValidSKU(sku) {
		return nil, listing.Invalid()
	}
	start := stockKey(merchantID, sku)
	start[stockOf] = dynamo.S(merchantID)
	return start, nil
}

// skuOf returns the SKU of a stock item, or of its key in the index.
func skuOf(item dynamo.Item) string { return ownerOf(item).sku }

// ownerOf returns the merchant and the SKU in the primary key of one of a SKU's items.
func ownerOf(item dynamo.Item) owned {
	key, _ := strings.CutPrefix(dynamo.Text(item["pk"]), stockPrefix)
	merchantID, sku, _ := strings.Cut(key, "#")
	return owned{merchantID, sku}
}
