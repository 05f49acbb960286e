package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// invoices are issued, and then delivered in batches of the size of a busy queue's (infra/wiring.go).
const invoices, batch = 450, 50

// meter counts what AWS bills.
type meter struct {
	mu   sync.Mutex
	on   bool
	sum  counts
	rest []byte // the beginning of a line
}

func (m *meter) Invoked(string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on {
		m.sum.Invocations++
	}
}

func (m *meter) Called(operation string, request, reply []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.on {
		return
	}
	m.sum.WriteUnits += units(operation, request, reply)
	switch operation {
	case "GetItem", "Query": // of less than 4 KB
		m.sum.ReadUnits++
	case "BatchGetItem":
		m.sum.ReadUnits += float64(bytes.Count(request, []byte(`"pk":`)))
	case "SendMessage", "SendMessageBatch":
		m.sum.Sends++
	case "PutEvents":
		events := float64(bytes.Count(request, []byte(`"DetailType":`)))
		m.sum.Events += events
		m.sum.Sends += events // the rule sends each to the inventory's queue
	case "StartExecution":
		m.sum.Transitions++
	}
}

// units returns the write units that DynamoDB Local reports for a call, or two for each item of a
// transaction if that is more: it leaves some out. Reads have none.
func units(operation string, request, reply []byte) float64 {
	type capacity struct{ CapacityUnits float64 }
	var in struct{ TransactItems []map[string]any }
	_ = json.Unmarshal(request, &in)
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem":
		var out struct{ ConsumedCapacity capacity }
		_ = json.Unmarshal(reply, &out)
		return out.ConsumedCapacity.CapacityUnits
	case "TransactWriteItems":
		var out struct{ ConsumedCapacity []capacity }
		_ = json.Unmarshal(reply, &out)
		sum := 0.0
		for _, c := range out.ConsumedCapacity {
			sum += c.CapacityUnits
		}
		return max(sum, float64(2*len(in.TransactItems)))
	default:
		return 0
	}
}

// Write counts the lines that the functions write.
func (m *meter) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rest = append(m.rest, p...)
	for {
		line, rest, whole := bytes.Cut(m.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		m.rest = rest
		if m.on {
			m.count(line)
		}
	}
}

func (m *meter) count(line []byte) {
	kind := &m.sum.InfoBytes
	switch {
	case bytes.Contains(line, []byte(`"_aws":`)):
		kind = &m.sum.MetricBytes
	case bytes.HasPrefix(line, []byte(`{"span":`)):
		kind = &m.sum.SpanBytes
	}
	*kind += float64(len(line) + eventBytes)
}

// measure issues invoices at a busy deployment, and returns the counts of one, and how many were issued in a
// second, each by the same process.
func measure(t *testing.T) (c counts, pace float64) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	client := dynamotest.Client(t)
	tables, m := dynamotest.Tables(t, client), &meter{}
	cloud := crash.NewCloud(root, *client.Options().BaseEndpoint, tables, "3", m)
	t.Cleanup(cloud.Close)
	cloud.Observe(m, "INVOCHAIN_TELEMETRY=emf", "INVOCHAIN_LOG_LEVEL=info")
	cloud.SignIn(prepare(t, client, tables))
	issue(t, cloud, 0, batch) // the first finds nothing warm
	before := storedBytes(t, client, tables)
	m.switchOn(true)
	took := issue(t, cloud, batch, invoices)
	m.switchOn(false)
	require.Empty(t, cloud.DeadLetters())
	require.Len(t, cloud.Published("invoice.created", "m-1"), batch+invoices)
	m.sum.StoredBytes = storedBytes(t, client, tables) - before
	return m.sum.each(invoices), invoices / took.Seconds()
}

func (m *meter) switchOn(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = on
}

// each returns the counts of one of n invoices. The queues of the audit, of the events and of the bookings
// deliver and delete by the ten.
func (c counts) each(n float64) counts {
	return counts{
		WriteUnits: c.WriteUnits / n, ReadUnits: c.ReadUnits / n, Invocations: c.Invocations / n, Sends: c.Sends / n,
		Receives: 3 * 2 / 10., Events: c.Events / n, Transitions: c.Transitions / n, MetricBytes: c.MetricBytes / n,
		SpanBytes: c.SpanBytes / n, InfoBytes: c.InfoBytes / n, StoredBytes: c.StoredBytes / n,
	}
}

// issue issues n invoices, and waits until they are audited, published and booked. It returns how long the
// requests took.
func issue(t *testing.T, cloud *crash.Cloud, from, n int) time.Duration {
	t.Helper()
	began := time.Now()
	for i := from; i < from+n; i++ {
		a := cloud.Post(fmt.Sprintf("00000000-0000-4000-8000-%012d", i), sale(i))
		require.Equal(t, http.StatusCreated, a.Status, a.Body)
	}
	took := time.Since(began)
	cloud.Settle()
	return took
}

// prepare creates the merchant and its stock, and returns an access token of it.
func prepare(t *testing.T, client *dynamodb.Client, tables dynamotest.Names) string {
	t.Helper()
	stock := inventory.New(client, inventory.Config{Table: tables.Inventory}, time.Now)
	for n := range batch + invoices {
		_, err := stock.SetOnHand(t.Context(), "m-1", sku(n), money.Quantity(10_000_000))
		require.NoError(t, err)
	}
	require.NoError(t, merchant.NewStore(client, tables.Platform, time.Now).Put(t.Context(), merchant.Profile{
		ID: "m-1", Name: "Shop", GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise,
	}))
	tokens := callertest.NewIssuer(t, caller.NewStore(client, tables.Keys, time.Now), crash.Issuer, time.Now)
	token, err := tokens.Token(t.Context(), caller.Client{ID: "cl_test", Merchant: "m-1", Role: caller.Clerk}, "")
	require.NoError(t, err)
	return token.Access
}

func sku(n int) string { return fmt.Sprintf("SKU-%d", n) }

// sale is a request for an invoice with one SKU, its own: bookings of the same SKU at the same time would conflict,
// and a refused transaction is billed too.
func sale(n int) string {
	out, _ := json.Marshal(map[string]any{
		"seller_merchant_id": "m-1", "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26", "series": "S",
		"buyer_name": "Sharma Stores",
		"items": []any{map[string]any{
			"sku": sku(n), "description": "Steel bottle, 1 litre", "hsn": "732393",
			"quantity": 3, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	})
	return string(out)
}
