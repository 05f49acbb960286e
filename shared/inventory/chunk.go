package inventory

import (
	"fmt"
	"maps"
	"slices"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// Bounds of a reservation.
const (
	maxSKUs                    = gst.MaxItems
	maxQuantity money.Quantity = 1e16 // thousandths; as on the wire
)

// Reservation is what one saga takes from one merchant's stock.
type Reservation struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Lines      []gst.StockLine `json:"lines"` // a SKU may come more than once
}

// plan cuts a reservation into chunks, the same ones for the same lines.
func (s *Store) plan(r Reservation) ([]barrier, error) {
	if r.SagaID == "" || !gst.ValidMerchantID(r.MerchantID) {
		return nil, malformed("the saga or the merchant is missing or malformed")
	}
	sums, err := summed(r.Lines)
	if err != nil {
		return nil, err
	}
	var plan []barrier
	for skus := range slices.Chunk(slices.Sorted(maps.Keys(sums)), s.chunk) {
		b := barrier{
			PK: partition(r.SagaID), SK: fmt.Sprintf("%03d", len(plan)),
			State: isReserved, MerchantID: r.MerchantID, Lines: map[string]money.Quantity{},
		}
		for _, sku := range skus {
			b.Lines[sku] = sums[sku]
		}
		plan = append(plan, b)
	}
	plan[0].Chunks = len(plan)
	return plan, nil
}

func summed(lines []gst.StockLine) (map[string]money.Quantity, error) {
	sums := map[string]money.Quantity{}
	for _, l := range lines {
		if !gst.ValidSKU(l.SKU) || l.Quantity < 1 || l.Quantity > maxQuantity-sums[l.SKU] {
			return nil, malformed("a line's SKU is malformed or its quantity is out of range")
		}
		sums[l.SKU] += l.Quantity
	}
	if len(sums) == 0 || len(sums) > maxSKUs {
		return nil, malformed(fmt.Sprintf("a reservation has 1 to %d SKUs", maxSKUs))
	}
	return sums, nil
}
