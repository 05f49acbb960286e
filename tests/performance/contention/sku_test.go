package contention_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
)

// skuBudget is in sales a second, of one SKU.
const skuBudget = 200

// TestSKU reserves one SKU, as instances of reserve-inventory do, and books the sales in batches
// beside it, as the consumers of their events do.
func TestSKU(t *testing.T) {
	const instances, consumers = 20, 5
	client, transport := dynamotest.ConflictingClient(t, held, held)
	table := dynamotest.Tables(t, client).Inventory
	open := func() *inventory.Store {
		return inventory.New(client, inventory.Config{Table: table}, time.Now)
	}
	const onHand = 1_000_000_000
	_, err := open().SetOnHand(t.Context(), "m-1", "HOT", onHand)
	require.NoError(t, err)
	stores := make([]*inventory.Store, instances)
	for i := range stores {
		stores[i] = open()
	}
	sales := 0
	for _, load := range loads("one SKU", skuBudget) {
		saga := func(n int) string { return fmt.Sprintf("saga-%.0f-%d", load.rate, n) }
		booked := newQueue(inventory.MaxConfirm, consumers, func() func([]message) []error {
			store := open()
			return func(events []message) []error {
				ids, errs := make([]string, len(events)), make([]error, len(events))
				for i, e := range events {
					ids[i] = saga(e.n)
				}
				for i, r := range store.ConfirmAll(context.Background(), ids) {
					errs[i] = r.Err
				}
				return errs
			}
		})
		var bookings sync.WaitGroup
		before := transport.Conflicts()
		o := offer(t, load.rate, func(n int) error {
			err := stores[n%instances].Reserve(t.Context(), inventory.Reservation{
				SagaID: saga(n), MerchantID: "m-1", Lines: []gst.StockLine{{SKU: "HOT", Quantity: 1000}},
			})
			if err == nil {
				bookings.Go(func() {
					if err := booked.send(n); err != nil {
						t.Error(err)
					}
				})
			}
			return err
		})
		bookings.Wait()
		booked.close()
		o.conflicts = transport.Conflicts() - before
		load.judge(t, o)
		sales += o.count
		level, err := open().Get(t.Context(), caller.ActingFor("m-1"), "HOT")
		require.NoError(t, err)
		require.EqualValues(t, sales*1000, level.Sold)
		require.Zero(t, level.Reserved)
		require.EqualValues(t, onHand, level.OnHand+level.Sold)
	}
}
