package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Columns of a SKU's item, and its version.
const (
	onHand   = "on_hand"
	reserved = "reserved"
	sold     = "sold"
	version  = "version"
)

// Level is the stock of one SKU, in thousandths of a unit.
type Level struct {
	MerchantID string         `json:"merchant_id" dynamodbav:"-"`
	SKU        string         `json:"sku" dynamodbav:"-"`
	OnHand     money.Quantity `json:"on_hand" dynamodbav:"on_hand"`   // available
	Reserved   money.Quantity `json:"reserved" dynamodbav:"reserved"` // for sagas that have not ended
	Sold       money.Quantity `json:"sold" dynamodbav:"sold"`         // of all time, less what came back
	// Version grows with every write of the item; 0 for an item that no version of this program
	// has written since it counts them.
	Version int64 `json:"version" dynamodbav:"version"`
	// Replayed reports that a Count or Move was a repetition and changed nothing.
	Replayed bool `json:"-" dynamodbav:"-"`
}

// Get reads the stock of a tenant's SKU, strongly consistent. Error: *problem.Error of kind NotFound.
func (s *Store) Get(ctx context.Context, t caller.Tenant, sku string) (Level, error) {
	merchantID := t.MerchantID()
	if !gst.ValidMerchantID(merchantID) || !gst.ValidSKU(sku) {
		return Level{}, notFound()
	}
	item, err := s.readStock(ctx, merchantID, sku)
	if err != nil {
		return Level{}, err
	}
	if len(item) == 0 {
		return Level{}, notFound()
	}
	return decodeLevel(merchantID, sku, item)
}

func (s *Store) readStock(ctx context.Context, merchantID, sku string) (dynamo.Item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.cfg.Table, Key: stockKey(merchantID, sku), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	return out.Item, nil
}

func notFound() error {
	return &problem.Error{Kind: problem.NotFound, Code: UnknownSKU, Message: "this merchant has no such SKU"}
}

// moveItems returns the transaction items that move a barrier's lines between two columns, in
// the order of its SKUs.
func (s *Store) moveItems(b barrier, from, to string) ([]types.TransactWriteItem, error) {
	items := make([]types.TransactWriteItem, 0, len(b.Lines))
	for _, sku := range b.skus() {
		item, err := s.moveQuantity(b.MerchantID, sku, b.Lines[sku], from, to)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// moveQuantity returns the transaction item that moves q of a SKU between two columns.
func (s *Store) moveQuantity(
	merchantID, sku string, q money.Quantity, from, to string,
) (types.TransactWriteItem, error) {
	source, target, quantity := expression.Name(from), expression.Name(to), expression.Value(q)
	change := nextVersion(expression.Set(source, source.Minus(quantity)).
		Set(target, expression.Plus(expression.IfNotExists(target, expression.Value(0)), quantity)))
	return dynamo.TransactUpdate(s.cfg.Table, stockKey(merchantID, sku), change, source.GreaterThanEqual(quantity))
}

// nextVersion returns the change of a stock item with its version increased.
func nextVersion(change expression.UpdateBuilder) expression.UpdateBuilder {
	name := expression.Name(version)
	return change.Set(name, expression.Plus(expression.IfNotExists(name, expression.Value(0)), expression.Value(1)))
}

func decodeLevel(merchantID, sku string, item dynamo.Item) (Level, error) {
	level := Level{MerchantID: merchantID, SKU: sku}
	if err := attributevalue.UnmarshalMap(item, &level); err != nil {
		return Level{}, fmt.Errorf("decode stock: %w", err)
	}
	return level, nil
}

const stockPrefix = "STOCK#"

func stockKey(merchantID, sku string) dynamo.Item {
	return dynamo.Key(stockPrefix+merchantID+"#"+sku, "STOCK")
}
