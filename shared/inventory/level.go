package inventory

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Columns of a SKU's item.
const (
	onHand   = "on_hand"
	reserved = "reserved"
	sold     = "sold"
)

// Level is the stock of one SKU, in thousandths of a unit.
type Level struct {
	MerchantID string         `json:"merchant_id" dynamodbav:"-"`
	SKU        string         `json:"sku" dynamodbav:"-"`
	OnHand     money.Quantity `json:"on_hand" dynamodbav:"on_hand"`   // available
	Reserved   money.Quantity `json:"reserved" dynamodbav:"reserved"` // for sagas that have not ended
	Sold       money.Quantity `json:"sold" dynamodbav:"sold"`         // on issued invoices, of all time
}

// Get reads the stock of a SKU, strongly consistent. Error: *problem.Error of kind NotFound.
func (s *Store) Get(ctx context.Context, merchantID, sku string) (Level, error) {
	if !gst.ValidMerchantID(merchantID) || !gst.ValidSKU(sku) {
		return Level{}, notFound()
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.cfg.Table, Key: stockKey(merchantID, sku), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Level{}, fmt.Errorf("read stock: %w", err)
	}
	if len(out.Item) == 0 {
		return Level{}, notFound()
	}
	return decodeLevel(merchantID, sku, out.Item)
}

func notFound() error {
	return &problem.Error{Kind: problem.NotFound, Code: UnknownSKU, Message: "this merchant has no such SKU"}
}

// SetOnHand records a count: n thousandths of a unit, 0 to money.MaxQuantity, are on hand from
// now on. What is reserved or sold stays as it is. A SKU that does not exist is created. It
// returns the stock after the count. Error: *problem.Error of kind Invalid for a malformed
// merchant, SKU or quantity.
func (s *Store) SetOnHand(ctx context.Context, merchantID, sku string, n money.Quantity) (Level, error) {
	if !gst.ValidMerchantID(merchantID) || !gst.ValidSKU(sku) || n < 0 || n > money.MaxQuantity {
		return Level{}, invalid("invalid_stock", "the merchant's id, the SKU or the quantity is malformed")
	}
	change, notYet := countExpressions(n)
	change = listed(change, merchantID)
	var item dynamo.Item
	err := s.persist(ctx, func() (err error) {
		key := stockKey(merchantID, sku)
		item, err = dynamo.Update(ctx, s.db, s.cfg.Table, key, change, notYet, types.ReturnValueAllNew)
		if dynamo.ConditionFailed(err) {
			item, err = dynamo.ConflictingItem(err), nil
		}
		return err
	})
	if err != nil {
		return Level{}, fmt.Errorf("set stock: %w", err)
	}
	return decodeLevel(merchantID, sku, item)
}

// countExpressions returns the change of a count and its condition, that this very count was
// not written before. A count that is repeated after its reply was lost would otherwise put
// back what was reserved in between.
func countExpressions(n money.Quantity) (expression.UpdateBuilder, expression.ConditionBuilder) {
	token, countedBy := expression.Value(rand.Text()), expression.Name("counted_by")
	change := expression.Set(expression.Name(onHand), expression.Value(n)).
		Set(expression.Name(reserved), expression.IfNotExists(expression.Name(reserved), expression.Value(0))).
		Set(expression.Name(sold), expression.IfNotExists(expression.Name(sold), expression.Value(0))).
		Set(countedBy, token)
	return change, countedBy.AttributeNotExists().Or(countedBy.NotEqual(token))
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
	change := expression.Set(source, source.Minus(quantity)).
		Set(target, expression.Plus(expression.IfNotExists(target, expression.Value(0)), quantity))
	return dynamo.TransactUpdate(s.cfg.Table, stockKey(merchantID, sku), change, source.GreaterThanEqual(quantity))
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
