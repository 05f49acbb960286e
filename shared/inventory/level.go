package inventory

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Columns of a SKU's books.
const (
	onHand   = "on_hand"
	reserved = "reserved"
	sold     = "sold"
)

// Level is one SKU's books, in thousandths of a unit.
type Level struct {
	MerchantID string         `json:"merchant_id" dynamodbav:"-"`
	SKU        string         `json:"sku" dynamodbav:"-"`
	OnHand     money.Quantity `json:"on_hand" dynamodbav:"on_hand"`   // free to be reserved
	Reserved   money.Quantity `json:"reserved" dynamodbav:"reserved"` // held by sagas that have not ended
	Sold       money.Quantity `json:"sold" dynamodbav:"sold"`         // on issued invoices, since ever
}

// Get reads a SKU's books, strongly consistent. Error: problem.NotFound.
func (s *Store) Get(ctx context.Context, merchantID, sku string) (Level, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.cfg.Table, Key: stockKey(merchantID, sku), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Level{}, fmt.Errorf("read stock: %w", err)
	}
	if len(out.Item) == 0 {
		return Level{}, &problem.Error{Kind: problem.NotFound, Code: UnknownSKU, Message: "there is no such SKU"}
	}
	return levelOf(merchantID, sku, out.Item)
}

// SetOnHand records a count: n thousandths of a unit, 0 or more, are free to be
// reserved from now on; what is reserved or sold stays as it is. A SKU that is not
// there yet begins to exist. It returns the books after the count. Errors:
// problem.Invalid for a malformed merchant, SKU or quantity.
func (s *Store) SetOnHand(ctx context.Context, merchantID, sku string, n money.Quantity) (Level, error) {
	if !gst.ValidMerchantID(merchantID) || !gst.ValidSKU(sku) || n < 0 || n > maxQuantity {
		return Level{}, invalid("invalid_stock", "the merchant, the SKU or the quantity is malformed")
	}
	count := s.count(merchantID, sku, n)
	var books dynamo.Item
	err := s.persist(ctx, func() error {
		out, err := s.db.UpdateItem(ctx, count)
		if dynamo.ConditionFailed(err) {
			books, err = dynamo.ConflictingItem(err), nil
		} else if err == nil {
			books = out.Attributes
		}
		return err
	})
	if err != nil {
		return Level{}, fmt.Errorf("set stock: %w", err)
	}
	return levelOf(merchantID, sku, books)
}

// count is a write that knows itself again: repeated after its reply was lost, by
// us or by the SDK, it would give back what has been reserved since.
func (s *Store) count(merchantID, sku string, n money.Quantity) *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{
		TableName: &s.cfg.Table, Key: stockKey(merchantID, sku),
		UpdateExpression: aws.String("SET on_hand = :n, reserved = if_not_exists(reserved, :zero), " +
			"sold = if_not_exists(sold, :zero), counted_by = :token"),
		ConditionExpression: aws.String("attribute_not_exists(counted_by) OR counted_by <> :token"),
		ExpressionAttributeValues: dynamo.Item{
			":n": number(int64(n)), ":zero": number(0), ":token": text(rand.Text()),
		},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// moveQuantity is the transaction's item that moves q of a SKU between two columns.
func (s *Store) moveQuantity(merchantID, sku string, q money.Quantity, from, to string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.cfg.Table, Key: stockKey(merchantID, sku),
		UpdateExpression:         aws.String("SET #from = #from - :q, #to = if_not_exists(#to, :zero) + :q"),
		ConditionExpression:      aws.String("#from >= :q"),
		ExpressionAttributeNames: map[string]string{"#from": from, "#to": to},
		ExpressionAttributeValues: dynamo.Item{
			":q": number(int64(q)), ":zero": number(0),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}

func levelOf(merchantID, sku string, item dynamo.Item) (Level, error) {
	st := Level{MerchantID: merchantID, SKU: sku}
	if err := attributevalue.UnmarshalMap(item, &st); err != nil {
		return Level{}, fmt.Errorf("decode stock: %w", err)
	}
	return st, nil
}

func stockKey(merchantID, sku string) dynamo.Item {
	return key("STOCK#"+merchantID+"#"+sku, "STOCK")
}

func key(pk, sk string) dynamo.Item { return dynamo.Item{"pk": text(pk), "sk": text(sk)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
