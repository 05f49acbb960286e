package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Shortage is a SKU of a reservation that is short or unknown.
type Shortage struct {
	SKU     string         `dynamodbav:"sku"`
	Wanted  money.Quantity `dynamodbav:"wanted"`            // by all lines of the SKU
	OnHand  money.Quantity `dynamodbav:"on_hand,omitempty"` // when it was refused
	Unknown bool           `dynamodbav:"unknown,omitempty"`
	Items   []int          `dynamodbav:"items,omitempty"` // positions of its lines in the request
}

// shortages returns the SKUs of a chunk whose stock item refused it, in their order. refusing
// returns the item that refused SKU j; no item means that the SKU is unknown.
func shortages(chunk barrier, refusing func(j int) (dynamo.Item, bool)) ([]Shortage, error) {
	var short []Shortage
	for j, sku := range chunk.skus() {
		item, refused := refusing(j)
		if !refused {
			continue
		}
		s := Shortage{SKU: sku, Wanted: chunk.Lines[sku], Unknown: len(item) == 0, Items: chunk.items[sku]}
		level, err := decodeLevel(chunk.MerchantID, sku, item)
		if err != nil {
			return nil, err
		}
		s.OnHand = level.OnHand
		short = append(short, s)
	}
	return short, nil
}

func (s Shortage) code() string {
	if s.Unknown {
		return UnknownSKU
	}
	return OutOfStock
}

func (s Shortage) message() string {
	if s.Unknown {
		return fmt.Sprintf("SKU %s does not exist; record its stock first", s.SKU)
	}
	return fmt.Sprintf("SKU %s: %s requested, %s on hand", s.SKU, s.Wanted, s.OnHand)
}

// field returns the error of one line of the request.
func (s Shortage) field(name string) problem.FieldError {
	f := problem.FieldError{
		Field: name, Code: s.code(), Message: s.message(), SKU: s.SKU, Wanted: json.Number(s.Wanted.String()),
	}
	if !s.Unknown {
		f.OnHand = json.Number(s.OnHand.String())
	}
	return f
}

// fields returns one error for each line of the request whose SKU is short or unknown, in the
// order of the lines. Where the lines are not known, a SKU has one error, of the field `items`.
func fields(short []Shortage) []problem.FieldError {
	type line struct {
		at    int
		error problem.FieldError
	}
	var lines []line
	for _, s := range short {
		if len(s.Items) == 0 {
			lines = append(lines, line{-1, s.field("items")})
		}
		for _, at := range s.Items {
			lines = append(lines, line{at, s.field(fmt.Sprintf("items[%d].quantity", at))})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var errs []problem.FieldError
	for _, l := range lines {
		errs = append(errs, l.error)
	}
	return errs
}
