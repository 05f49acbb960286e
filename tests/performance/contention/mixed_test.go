package contention_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/inventory"
)

// TestOtherMerchants: one merchant's hot SKU in its busy series meets its own writes alone. Another
// merchant's invoices, of a SKU and a number of their own, are refused nothing.
func TestOtherMerchants(t *testing.T) {
	const consumers, batchSize, otherRate = 5, 25, 5
	hotRate := *part * 100
	client, transport := dynamotest.ConflictingClient(t, held, held)
	c := newCell(t, client)
	other := c.start()
	for _, of := range [][2]string{{"m-1", "HOT"}, {"m-2", "OWN"}} {
		stock := inventory.New(client, inventory.Config{Table: c.tables.Inventory}, time.Now)
		_, err := stock.SetOnHand(t.Context(), of[0], of[1], 1_000_000_000)
		require.NoError(t, err)
	}
	alone := offer(t, otherRate, func(int) error { return other.issue("m-2", "", "OWN") })
	require.Zero(t, transport.Conflicts(), "of one merchant at a low rate")
	alone.record("another merchant, alone")
	hot := newQueue(batchSize, consumers, func() func([]message) []error { return c.consumer("m-1", "S", "HOT") })
	warm := offer(t, hotRate/5, hot.send)
	ended := make(chan outcome)
	go func() { ended <- offer(t, hotRate, hot.send) }()
	beside := offer(t, otherRate, func(int) error { return other.issue("m-2", "", "OWN") })
	busy := <-ended
	hot.close()
	busy.conflicts = transport.Conflicts()
	busy.record(fmt.Sprintf("one SKU in one series of a merchant, %.0f/s", hotRate))
	beside.record("another merchant, beside it")
	require.Zero(t, warm.failed+beside.failed+busy.failed)
	require.Zero(t, c.compensations.Load())
	if *part >= 1 {
		require.Less(t, beside.p95, maxP95)
	}
	c.numbers(t, "m-1", "S", warm.count+busy.count)
}
