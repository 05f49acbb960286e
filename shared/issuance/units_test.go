package issuance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// meter counts the calls to DynamoDB and the write units that it reports, indexes
// included.
type meter struct {
	mu    sync.Mutex
	calls int
	units float64
}

// newMetered returns a fixture whose calls are counted.
func newMetered(t *testing.T) (*fixture, *meter) {
	t.Helper()
	f, m := setup(t), &meter{}
	options := f.db.Options()
	m.install(&options)
	f.connect(dynamodb.New(options))
	f.issuer.Limits.Request, f.issuer.Limits.Inventory = time.Minute, time.Minute // on a busy machine
	return f, m
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls, m.units = 0, 0
}

func (m *meter) add(capacities ...types.ConsumedCapacity) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range capacities {
		m.units += aws.ToFloat64(c.CapacityUnits)
	}
}

func (m *meter) install(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("meter", m.around), middleware.Before)
	})
}

func (m *meter) around(
	ctx context.Context,
	in middleware.InitializeInput,
	next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	switch p := in.Parameters.(type) {
	case *dynamodb.PutItemInput:
		p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.TransactWriteItemsInput:
		p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
	out, metadata, err := next.HandleInitialize(ctx, in)
	m.mu.Lock()
	m.calls++
	m.mu.Unlock()
	switch r := out.Result.(type) {
	case *dynamodb.PutItemOutput:
		m.add(*r.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsOutput:
		m.add(atLeastTwoEach(in.Parameters.(*dynamodb.TransactWriteItemsInput), r.ConsumedCapacity)...)
	}
	return out, metadata, err
}

// atLeastTwoEach mends DynamoDB Local's count, which leaves some items out: a
// transaction's item takes two units for each KB it has, so two at the least.
func atLeastTwoEach(in *dynamodb.TransactWriteItemsInput, reported []types.ConsumedCapacity) []types.ConsumedCapacity {
	items := map[string]float64{}
	for _, i := range in.TransactItems {
		switch {
		case i.Put != nil:
			items[*i.Put.TableName] += 2
		case i.Update != nil:
			items[*i.Update.TableName] += 2
		}
	}
	for n, c := range reported {
		reported[n].CapacityUnits = aws.Float64(max(*c.CapacityUnits, items[*c.TableName]))
	}
	return reported
}

// TestWriteUnits asserts the budget of docs/benchmarks.md: at most 16 write units up to the
// answer for an invoice of 1 KB with one SKU, and 2 more for each further SKU.
func TestWriteUnits(t *testing.T) {
	t.Parallel()
	for _, skus := range []int{1, 2, 5} {
		f, m := newMetered(t)
		req := wholesale(t, f, skus, map[string]any{
			"invoice_number": "U-1", "buyer_address": strings.Repeat("12 Market Road, Bengaluru 560001. ", 14),
		})
		m.reset()
		answer, err := f.issue(t.Context(), key(1), req)
		require.NoError(t, err)
		t.Logf("%d SKUs, %d bytes of invoice: %.0f write units", skus, len(answer.Body), m.units)
		require.Greater(t, len(answer.Body), 1024)
		require.LessOrEqual(t, m.units, float64(16+2*(skus-1)))
		require.NotZero(t, m.units)
	}
}

// TestUnitsOfAContact: a known buyer's costs its place in the index by-subject, a new one's its key too.
// DynamoDB Local counts two units for each in a transaction.
func TestUnitsOfAContact(t *testing.T) {
	t.Parallel()
	f, m := newMetered(t)
	units := func(n int, reference string) float64 {
		req := wholesale(t, f, 1, map[string]any{"invoice_number": fmt.Sprintf("U-%d", n), "reference": "order of CUST-1"})
		if reference != "" {
			req.Reference, req.BuyerReference = "", reference
		}
		m.reset()
		_, err := f.issue(t.Context(), key(n), req)
		require.NoError(t, err)
		return m.units
	}
	_, err := f.issuer.Buyers.Subject(t.Context(), merchantID, "the deployment's first call writes the secret")
	require.NoError(t, err)
	without := units(1, "")
	require.InDelta(t, without+4, units(2, "CUST-1"), 0, "a new buyer")
	require.InDelta(t, without+2, units(3, "CUST-1"), 0, "a known buyer")
	require.InDelta(t, without, units(4, ""), 0)
}

// wholesale is a request for as many SKUs, each of which is in stock.
func wholesale(t *testing.T, f *fixture, skus int, more map[string]any) gst.Request {
	t.Helper()
	items := make([]any, skus)
	for i := range items {
		sku := fmt.Sprintf("SKU-%d", i)
		_, err := f.stock.SetOnHand(t.Context(), merchantID, sku, 10_000)
		require.NoError(t, err)
		items[i] = map[string]any{
			"sku":         sku,
			"description": "Steel bottle, 1 litre",
			"hsn":         "732393",
			"quantity":    3,
			"unit":        "NOS",
			"unit_price":  "250.00",
			"gst_rate":    18,
		}
	}
	whole := map[string]any{
		"seller_merchant_id": merchantID,
		"buyer_gstin":        "29AABCU9603R1ZJ",
		"invoice_date":       "2025-11-26",
		"buyer_name":         "Sharma Stores",
		"items":              items,
	}
	maps.Copy(whole, more)
	body, err := json.Marshal(whole)
	require.NoError(t, err)
	req, err := gst.ParseRequest(body)
	require.NoError(t, err)
	return req
}
