package inventory

import (
	"fmt"
	"maps"
	"slices"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// maxSKUs bounds the SKUs of a reservation.
const maxSKUs = gst.MaxItems

// Reservation is what one saga reserves of one merchant's stock: to sell it, or to take it back.
type Reservation struct {
	SagaID     string          `json:"saga_id"`
	MerchantID string          `json:"merchant_id"`
	Lines      []gst.StockLine `json:"lines"`   // lines of the same SKU are added up
	Returns    bool            `json:"returns"` // the goods were sold and come back
}

// chunks returns the barriers that record a reservation, the gate first. The same lines
// always make the same chunks.
func (s *Store) chunks(r Reservation) ([]barrier, error) {
	if r.SagaID == "" || !gst.ValidMerchantID(r.MerchantID) {
		return nil, malformed("the saga's or the merchant's id is missing or malformed")
	}
	quantities, err := sumBySKU(r.Lines)
	if err != nil {
		return nil, err
	}
	items := map[string][]int{}
	for _, l := range r.Lines {
		items[l.SKU] = append(items[l.SKU], l.Items...)
	}
	var chunks []barrier
	for skus := range slices.Chunk(slices.Sorted(maps.Keys(quantities)), s.chunkSize) {
		b := barrier{
			PK: partition(r.SagaID), SK: fmt.Sprintf("%03d", len(chunks)),
			State: isReserved, MerchantID: r.MerchantID, Lines: map[string]money.Quantity{}, Returns: r.Returns,
		}
		for _, sku := range skus {
			b.Lines[sku] = quantities[sku]
		}
		b.items = items
		chunks = append(chunks, b)
	}
	chunks[0].Chunks = len(chunks)
	return chunks, nil
}

func sumBySKU(lines []gst.StockLine) (map[string]money.Quantity, error) {
	sums := map[string]money.Quantity{}
	for _, l := range lines {
		if !gst.ValidSKU(l.SKU) || l.Quantity < 1 || l.Quantity > money.MaxQuantity-sums[l.SKU] {
			return nil, malformed("a line's SKU is malformed or its quantity is out of range")
		}
		sums[l.SKU] += l.Quantity
	}
	if len(sums) == 0 || len(sums) > maxSKUs {
		return nil, malformed(fmt.Sprintf("a reservation must have 1 to %d SKUs", maxSKUs))
	}
	return sums, nil
}
