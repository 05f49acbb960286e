package issuance_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

var stored = flag.Int(
	"stored",
	2000,
	"invoices that TestCostIsFlat stores at the most",
) //nolint:gochecknoglobals // a test's flag

// cost of one invoice, up to its answer.
type cost struct {
	calls int
	units float64
}

// TestCostIsFlat: an invoice costs the same however many the merchant has. With
// -stored 100000 -v it prints the table of docs/benchmarks.md.
func TestCostIsFlat(t *testing.T) {
	t.Parallel()
	f, m := newMetered(t)
	var costs []cost
	have := 0
	for round, n := range []int{0, 10, *stored / 10, *stored} {
		f.fill(t, have, n)
		have = n
		req := wholesale(t, f, 1, map[string]any{"series": "S"})
		_, err := f.issue(t.Context(), key(2*round), req) // this instance has the series' position now
		require.NoError(t, err)
		m.reset()
		_, err = f.issue(t.Context(), key(2*round+1), req)
		require.NoError(t, err)
		costs = append(costs, cost{m.calls, m.units})
		t.Logf("| %d stored | %d calls | %.0f write units |", n, m.calls, m.units)
	}
	require.NotZero(t, costs[0].units)
	for _, c := range costs {
		require.InDelta(t, costs[0].units, c.units, 2, "an item of about 1 KB may be just above or below it")
		require.InDelta(t, costs[0].calls, c.calls, 1, "the breaker is read if it was not for half a second")
	}
}

// fill writes what further invoices leave in the tables, past all logic.
func (f *fixture) fill(t *testing.T, from, to int) {
	t.Helper()
	text := func(format string, args ...any) types.AttributeValue {
		return &types.AttributeValueMemberS{Value: fmt.Sprintf(format, args...)}
	}
	filler := text("%s", strings.Repeat("x", 300))
	tables := map[string][]types.WriteRequest{}
	for n := from; n < to; n++ {
		for table, item := range map[string]map[string]types.AttributeValue{
			f.tables.Invoices: {
				"pk": text("INVOICE#f%d", n), "sk": text("INVOICE"), "merchant_id": text(merchantID),
				"listed_at": text("2025-01-01#%d", n), "doc": filler,
			},
			f.tables.Platform: {"pk": text("SAGA#f%d", n), "sk": text("CURRENT"), "state": text("COMPLETED"), "body": filler},
			f.tables.Audit: {
				"pk": text("AUDIT#" + merchantID), "sk": text("ENTRY#f%d", n), "merchant_id": text(merchantID), "filler": filler,
			},
		} {
			tables[table] = append(tables[table], types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
	}
	var wg sync.WaitGroup
	errs := make(chan error, len(tables))
	for table, all := range tables {
		wg.Go(func() {
			for batch := range slices.Chunk(all, 25) {
				_, err := f.db.BatchWriteItem(
					t.Context(),
					&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: batch}},
				)
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	require.NoError(t, <-errs)
}

// TestCostBySKUs: two write units for each SKU, and for each hundred or so one more
// transaction with its barrier and record; the document's bytes are written
// twice, so hundreds of lines weigh more than their stock.
func TestCostBySKUs(t *testing.T) {
	t.Parallel()
	for round, skus := range []int{1, 10, 50, 98, 99, 100, 200, 500, 1000} {
		f, m := newMetered(t)
		req := wholesale(t, f, skus, map[string]any{"invoice_number": "U-1"})
		m.reset()
		began := f.now()
		answer, err := f.issue(t.Context(), key(round), req)
		require.NoError(t, err)
		// On a busy machine slow calls to the inventory are reported to the breaker.
		reports := 2 * int(f.now().Sub(began)/time.Second)
		t.Logf("| %d SKUs | %d bytes of invoice | %d calls | %.0f write units | %.1f each |",
			skus, len(answer.Body), m.calls, m.units, m.units/float64(skus))
		chunks := (skus + 98) / 99
		require.LessOrEqual(t, m.calls, 4+chunks+reports)
		require.LessOrEqual(t, m.units, float64(16+3*skus+8*chunks))
	}
}
