package inventory

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// Level is the stock of one SKU, in thousandths of a unit.
type Level struct {
	MerchantID string         `json:"merchant_id"`
	SKU        string         `json:"sku"`
	OnHand     money.Quantity `json:"on_hand"`  // available
	Reserved   money.Quantity `json:"reserved"` // for sagas that have not ended
	Sold       money.Quantity `json:"sold"`     // of all time, less what came back
	// Version grows with every write of the SKU's items; 0 for an item that no version of this
	// program has written since it counts them.
	Version int64 `json:"version"`
	// Replayed reports that a Count or Move was a repetition and changed nothing.
	Replayed bool `json:"-"`
}

// Get reads the stock of a tenant's SKU, strongly consistent. Error: *problem.Error of kind NotFound.
func (s *Store) Get(ctx context.Context, t caller.Tenant, sku string) (Level, error) {
	merchantID := t.MerchantID()
	if !gst.ValidMerchantID(merchantID) || !gst.ValidSKU(sku) {
		return Level{}, notFound()
	}
	r, err := s.read(ctx, merchantID, sku)
	if err != nil {
		return Level{}, err
	}
	if r.stock == nil {
		return Level{}, notFound()
	}
	return r.level(), nil
}

func notFound() error {
	return &problem.Error{Kind: problem.NotFound, Code: UnknownSKU, Message: "this merchant has no such SKU"}
}
