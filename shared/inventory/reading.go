package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// row has the columns of one of a SKU's items, and its version.
type row struct {
	SK       string         `dynamodbav:"sk"`
	OnHand   money.Quantity `dynamodbav:"on_hand"`
	Reserved money.Quantity `dynamodbav:"reserved"`
	Sold     money.Quantity `dynamodbav:"sold"`
	Version  int64          `dynamodbav:"version"`
	// Layout counts the splits and merges of the SKU, in the stock item and in its shards.
	Layout int64 `dynamodbav:"layout"`
	Shards int   `dynamodbav:"shards"` // of the stock item while it is split
}

// reading is a SKU as its items were read.
type reading struct {
	merchantID, sku string
	stock           dynamo.Item // the stock item; nil if the SKU does not exist
	main, sales     row         // the stock item and the item of sales; zero if there is none
	shards          []row       // in their order; empty ones if the stock is not split
}

// split reports whether the stock is in shards.
func (r reading) split() bool { return r.main.Shards > 0 }

// maxReadings bounds the readings of a SKU that other writes overtake.
const maxReadings = 10

var errTorn = errors.New("the stock was split or merged while it was read")

// read reads a SKU's items, strongly consistent. Each item is read at its own moment. A move changes
// one item and leaves the sum of its columns, so the sum of all is right in any case. Two things need
// another reading: a split or merge in between, and a sale that was reserved and confirmed in between,
// so that less than nothing seems to be reserved.
func (s *Store) read(ctx context.Context, merchantID, sku string) (reading, error) {
	partition := expression.Key("pk").Equal(expression.Value(stockPartition(merchantID, sku)))
	for attempt := 1; ; attempt++ {
		items, err := dynamo.QueryAll(ctx, s.db, s.cfg.Table, partition)
		if err != nil {
			return reading{}, fmt.Errorf("read stock: %w", err)
		}
		r, err := decodeReading(merchantID, sku, items)
		last := attempt == maxReadings
		switch {
		case err != nil:
			return reading{}, err
		case r.torn() && last:
			return reading{}, busy(errTorn)
		case !r.torn() && (last || r.level().Reserved >= 0):
			return r, nil
		}
	}
}

// torn reports whether a split or merge came between the readings of the items.
func (r reading) torn() bool {
	return slices.ContainsFunc(r.shards, func(shard row) bool { return shard.Layout != r.main.Layout })
}

func decodeReading(merchantID, sku string, items []dynamo.Item) (reading, error) {
	r := reading{merchantID: merchantID, sku: sku}
	for _, item := range items {
		if err := r.add(item); err != nil {
			return reading{}, err
		}
	}
	return r, nil
}

// decodeReadings returns the readings of several SKUs by the items that were read of them.
func decodeReadings(items []dynamo.Item) (map[owned]reading, error) {
	all := map[owned]reading{}
	for _, item := range items {
		of := ownerOf(item)
		r := all[of]
		r.merchantID, r.sku = of.merchantID, of.sku
		if err := r.add(item); err != nil {
			return nil, err
		}
		all[of] = r
	}
	return all, nil
}

// add adds an item to the reading, or replaces an older state of it; nil adds none.
func (r *reading) add(item dynamo.Item) error {
	if item == nil {
		return nil
	}
	var decoded row
	if err := attributevalue.UnmarshalMap(item, &decoded); err != nil {
		return fmt.Errorf("decode stock: %w", err)
	}
	switch decoded.SK {
	case stockSK:
		r.stock, r.main = item, decoded
	case salesSK:
		r.sales = decoded
	default:
		r.shards = append(r.shards, decoded)
	}
	return nil
}

// level returns the sums of the columns.
func (r reading) level() Level {
	l := Level{MerchantID: r.merchantID, SKU: r.sku}
	for _, item := range append([]row{r.main, r.sales}, r.shards...) {
		l.OnHand += item.OnHand
		l.Reserved += item.Reserved
		l.Sold += item.Sold
		l.Version += item.Version
	}
	return l
}
