package inventory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
)

// After any error but a refusal the saga has to call Release.
func ExampleRefusedError() {
	describe := func(err error) string {
		var refused *inventory.RefusedError
		switch {
		case err == nil:
			return "reserved"
		case errors.As(err, &refused):
			return "refused: " + refused.Message
		default:
			return "in doubt: release"
		}
	}
	fmt.Println(describe(nil))
	fmt.Println(describe(fmt.Errorf("step: %w", &inventory.RefusedError{
		Code: inventory.OutOfStock, SKU: "TEA-1", Message: "SKU TEA-1: 2.5 requested, 1 on hand",
	})))
	fmt.Println(describe(context.DeadlineExceeded))
	// Output:
	// reserved
	// refused: SKU TEA-1: 2.5 requested, 1 on hand
	// in doubt: release
}

// A reservation ends in a sale or a release. Quantities are thousandths: 2500 is 2.5 units.
func ExampleStore() {
	var store *inventory.Store // inventory.New(client, inventory.Config{Table: "inventory"}, time.Now)
	issue := func(ctx context.Context, issued func() error) error {
		err := store.Reserve(ctx, inventory.Reservation{
			SagaID: "saga-1", MerchantID: "merchant-1", Lines: []gst.StockLine{{SKU: "TEA-1", Quantity: 2500}},
		})
		if err == nil {
			err = issued()
		}
		if err != nil {
			_, undo := store.Release(ctx, "saga-1", "merchant-1")
			return errors.Join(err, undo)
		}
		return store.Confirm(ctx, "saga-1")
	}
	_ = issue
}
