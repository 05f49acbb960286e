package inventory

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

var errUnprocessed = errors.New("a batch of reads was not completed")

// shortages returns the SKUs of a chunk whose stock item refused it, in their order. refusing
// returns the item that refused SKU j; no item means that the SKU is unknown.
func shortages(chunk barrier, refusing func(j int) (dynamo.Item, bool)) ([]Shortage, error) {
	var short []Shortage
	for j, sku := range chunk.skus() {
		item, refused := refusing(j)
		if !refused {
			continue
		}
		s, err := compare(chunk, sku, item)
		if err != nil {
			return nil, err
		}
		short = append(short, s)
	}
	return short, nil
}

// laterShortages returns the SKUs that are short or unknown in the chunks after a refused one,
// so that one refusal names them all. It stops at a chunk that it cannot read: the reservation
// is refused in any case.
func (s *Store) laterShortages(ctx context.Context, chunks []barrier) []Shortage {
	var all []Shortage
	for _, chunk := range chunks {
		items, err := s.readChunk(ctx, chunk)
		if err != nil {
			return all
		}
		for _, sku := range chunk.skus() {
			c, err := compare(chunk, sku, items[sku])
			if err != nil {
				return all
			}
			if c.Unknown || c.available() < c.Wanted {
				all = append(all, c)
			}
		}
	}
	return all
}

// readChunk reads the stock items of a chunk by SKU, in one call.
func (s *Store) readChunk(ctx context.Context, chunk barrier) (map[string]dynamo.Item, error) {
	skus := map[string]string{} // by partition key
	request := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, sku := range chunk.skus() {
		key := stockKey(chunk.MerchantID, sku)
		skus[dynamo.Text(key["pk"])] = sku
		request.Keys = append(request.Keys, key)
	}
	out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{s.cfg.Table: request},
	})
	if err != nil {
		return nil, err
	}
	if len(out.UnprocessedKeys) > 0 {
		return nil, errUnprocessed
	}
	items := map[string]dynamo.Item{}
	for _, item := range out.Responses[s.cfg.Table] {
		items[skus[dynamo.Text(item["pk"])]] = item
	}
	return items, nil
}

// compare returns what a chunk wants of a SKU and what there is; no item means that the SKU is
// unknown.
func compare(chunk barrier, sku string, item dynamo.Item) (Shortage, error) {
	level, err := decodeLevel(chunk.MerchantID, sku, item)
	c := Shortage{
		SKU: sku, Wanted: chunk.Lines[sku], Returns: chunk.Returns, Unknown: len(item) == 0, Items: chunk.items[sku],
	}
	if c.Returns {
		c.Sold = level.Sold
	} else {
		c.OnHand = level.OnHand
	}
	return c, err
}

// available returns how much there was to reserve.
func (s Shortage) available() money.Quantity {
	if s.Returns {
		return s.Sold
	}
	return s.OnHand
}
