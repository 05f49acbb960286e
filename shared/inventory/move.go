package inventory

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// Columns of a SKU's items, and their version.
const (
	onHand   = "on_hand"
	reserved = "reserved"
	sold     = "sold"
	version  = "version"
)

// Sort keys of a SKU's items.
const (
	stockSK = "STOCK"
	salesSK = "SOLD"
)

const stockPrefix = "STOCK#"

func stockPartition(merchantID, sku string) string { return stockPrefix + merchantID + "#" + sku }

func stockKey(merchantID, sku string) dynamo.Item {
	return dynamo.Key(stockPartition(merchantID, sku), stockSK)
}

func salesKey(merchantID, sku string) dynamo.Item {
	return dynamo.Key(stockPartition(merchantID, sku), salesSK)
}

// moveQuantity returns the change of an item that moves q from one of its columns to another.
func moveQuantity(from, to string, q money.Quantity) expression.UpdateBuilder {
	source, target, quantity := expression.Name(from), expression.Name(to), expression.Value(q)
	zero := expression.Value(0)
	return nextVersion(expression.Set(source, expression.Minus(expression.IfNotExists(source, zero), quantity)).
		Set(target, expression.Plus(expression.IfNotExists(target, zero), quantity)))
}

// nextVersion returns the change of an item with its version increased.
func nextVersion(change expression.UpdateBuilder) expression.UpdateBuilder {
	name := expression.Name(version)
	return change.Set(name, expression.Plus(expression.IfNotExists(name, expression.Value(0)), expression.Value(1)))
}

// takeItem returns the transaction item that reserves a SKU of a chunk: from on hand, or from sold if
// the goods come back.
func (s *Store) takeItem(b barrier, sku string) (types.TransactWriteItem, error) {
	q := b.Lines[sku]
	if b.Returns {
		enough := expression.Name(sold).GreaterThanEqual(expression.Value(q - b.soldBefore[sku]))
		if q <= b.soldBefore[sku] {
			enough = enough.Or(expression.Name(sold).AttributeNotExists())
		}
		return dynamo.TransactUpdate(s.cfg.Table, salesKey(b.MerchantID, sku), moveQuantity(sold, reserved, q), enough)
	}
	key, here := s.place(b, sku)
	enough := here.And(expression.Name(onHand).GreaterThanEqual(expression.Value(q)))
	return dynamo.TransactUpdate(s.cfg.Table, key, moveQuantity(onHand, reserved, q), enough)
}

// place returns the key of the item that has a SKU of a chunk on hand or reserved, and the condition that
// it still is that item: a shard is until the next merge.
func (s *Store) place(b barrier, sku string) (dynamo.Item, expression.ConditionBuilder) {
	if of, ok := b.Shards[sku]; ok {
		return shardKey(b.MerchantID, sku, of.SK), inLayout(of.Layout)
	}
	return stockKey(b.MerchantID, sku), dynamo.Absent().Not()
}

// endItem returns the transaction item that ends the reservation of a SKU of a chunk: what is sold, or
// does not come back after all, is booked with the sales; the rest is on hand again.
func (s *Store) endItem(b barrier, sku string, to state) (types.TransactWriteItem, error) {
	if b.Returns == (to == isReleased) {
		return s.bookItem(b.MerchantID, sku, b.Lines[sku])
	}
	key, here := s.place(b, sku)
	return dynamo.TransactUpdate(s.cfg.Table, key, moveQuantity(reserved, onHand, b.Lines[sku]), here)
}

// bookItem returns the transaction item that books sales of a SKU. The item of its sales has less than
// nothing reserved: what was reserved there left the stock item as reserved.
func (s *Store) bookItem(merchantID, sku string, q money.Quantity) (types.TransactWriteItem, error) {
	return dynamo.TransactChange(s.cfg.Table, salesKey(merchantID, sku), moveQuantity(reserved, sold, q))
}
