package contention_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// seriesBudget is in invoices a second, of one series, through the queue door.
const seriesBudget = 300

// TestSeries issues invoices of one series as the consumers of invoice-requests do.
func TestSeries(t *testing.T) {
	const consumers, batchSize = 10, 25
	client, transport := dynamotest.ConflictingClient(t, held, held)
	c := newCell(t, client)
	issued := 0
	for _, load := range loads("one series", seriesBudget) {
		q := newQueue(batchSize, consumers, func() func([]message) []error { return c.consumer("m-1", "S", "") })
		before := transport.Conflicts()
		o := offer(t, load.rate, q.send)
		q.close()
		o.conflicts = transport.Conflicts() - before
		load.judge(t, o)
		require.Zero(t, c.compensations.Load())
		issued += o.count
		c.numbers(t, "m-1", "S", issued)
	}
}

// consumer returns a consumer of invoice-requests: an instance that issues the invoices of a batch
// at the same time.
func (c *cell) consumer(merchantID, series, sku string) func([]message) []error {
	i := c.start()
	return func(batch []message) []error {
		errs := make([]error, len(batch))
		var wg sync.WaitGroup
		for n := range batch {
			wg.Go(func() { errs[n] = i.issue(merchantID, series, sku) })
		}
		wg.Wait()
		return errs
	}
}
