package inventory

import (
	"context"
	"slices"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// Shortage is a SKU of a reservation that is short or unknown.
type Shortage struct {
	SKU     string         `dynamodbav:"sku"`
	Wanted  money.Quantity `dynamodbav:"wanted"`            // by all lines of the SKU
	OnHand  money.Quantity `dynamodbav:"on_hand,omitempty"` // when it was refused
	Sold    money.Quantity `dynamodbav:"sold,omitempty"`    // likewise, if the goods come back
	Returns bool           `dynamodbav:"returns,omitempty"` // the goods come back
	Unknown bool           `dynamodbav:"unknown,omitempty"`
	Items   []int          `dynamodbav:"items,omitempty"` // positions of its lines in the request
}

// moreShortages returns the further SKUs of chunks that are short or unknown, so that one refusal names them
// all. It stops at what it cannot read: the reservation is refused in any case.
func (s *Store) moreShortages(ctx context.Context, chunks []barrier, known []Shortage) []Shortage {
	var all []Shortage
	for _, chunk := range chunks {
		readings, err := s.readChunk(ctx, chunk)
		if err != nil {
			return all
		}
		for _, sku := range chunk.skus() {
			if slices.ContainsFunc(known, func(k Shortage) bool { return k.SKU == sku }) {
				continue
			}
			r := readings[owned{chunk.MerchantID, sku}]
			if r.split() {
				if r, err = s.read(ctx, chunk.MerchantID, sku); err != nil {
					return all
				}
			}
			if c := compare(chunk, sku, r); c.available() < c.Wanted {
				all = append(all, c)
			}
		}
	}
	return all
}

// readChunk reads what the SKUs of a chunk have on hand, or have sold.
func (s *Store) readChunk(ctx context.Context, chunk barrier) (map[owned]reading, error) {
	var keys []dynamo.Item
	for _, sku := range chunk.skus() {
		keys = append(keys, stockKey(chunk.MerchantID, sku))
		if chunk.Returns {
			keys = append(keys, salesKey(chunk.MerchantID, sku))
		}
	}
	var items []dynamo.Item
	for some := range slices.Chunk(keys, dynamo.MaxBatchGet) {
		found, err := dynamo.GetAll(ctx, s.db, s.cfg.Table, some)
		if err != nil {
			return nil, err
		}
		items = append(items, found...)
	}
	return decodeReadings(items)
}

// compare returns what a chunk wants of a SKU and what there is.
func compare(chunk barrier, sku string, r reading) Shortage {
	c := Shortage{
		SKU: sku, Wanted: chunk.Lines[sku], Returns: chunk.Returns, Unknown: r.stock == nil, Items: chunk.items[sku],
	}
	if level := r.level(); c.Returns {
		c.Sold = level.Sold
	} else {
		c.OnHand = level.OnHand
	}
	return c
}

// available returns how much there was to reserve.
func (s Shortage) available() money.Quantity {
	if s.Returns {
		return s.Sold
	}
	return s.OnHand
}
