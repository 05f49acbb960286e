package inventory_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
)

// A refusal is told from every other error, after which the saga has to Release.
func ExampleRefusedError() {
	answer := func(err error) string {
		var refused *inventory.RefusedError
		switch {
		case err == nil:
			return "reserved"
		case errors.As(err, &refused):
			return "refused for good: " + refused.Message
		default:
			return "in doubt: release"
		}
	}
	fmt.Println(answer(nil))
	fmt.Println(answer(fmt.Errorf("step: %w", &inventory.RefusedError{
		Code: inventory.OutOfStock, SKU: "TEA-1", Message: "SKU TEA-1: 2.5 wanted, 1 on hand",
	})))
	fmt.Println(answer(context.DeadlineExceeded))
	// Output:
	// reserved
	// refused for good: SKU TEA-1: 2.5 wanted, 1 on hand
	// in doubt: release
}

// The life of a reservation. Quantities are thousandths: 2500 is 2.5 units.
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
