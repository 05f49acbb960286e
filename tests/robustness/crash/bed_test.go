package crash_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// bed is a cloud with the stores that a test looks into. Cases follow each other
// on it, each with a merchant of its own.
type bed struct {
	*crash.Cloud
	db       *dynamodb.Client
	tables   dynamotest.Names
	sagas    *saga.Store
	invoices *invoice.Store
	stock    *inventory.Store
	audit    *audit.Log
	sellers  *merchant.Store
	cases    int
	seller   string
	faulty   []crash.Fault
}

// beds are as many as run side by side: a case mostly waits.
var beds = make(chan *bed, 4*runtime.NumCPU()) //nolint:gochecknoglobals // shared by the parallel cases of one test

func newBed(tb testing.TB, attempts string) *bed {
	tb.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(tb, err)
	client := dynamotest.Client(tb)
	b := &bed{db: client, tables: dynamotest.Tables(tb, client)}
	log := io.Discard
	if testing.Verbose() {
		log = os.Stderr
	}
	b.Cloud = crash.NewCloud(root, *client.Options().BaseEndpoint, b.tables, attempts, log)
	tb.Cleanup(b.Close)
	b.sagas = saga.Open(client, saga.Config{Table: b.tables.Platform}, now)
	b.invoices = invoice.NewStore(client, b.tables.Invoices)
	b.stock = inventory.New(client, inventory.Config{Table: b.tables.Inventory}, now)
	b.audit = audit.New(client, audit.Config{Table: b.tables.Audit})
	b.sellers = merchant.NewStore(client, b.tables.Platform, now)
	return b
}

// begin makes the next case's merchant, with ten of the one SKU.
func (b *bed) begin(t *testing.T, faults ...crash.Fault) {
	t.Helper()
	b.cases++
	b.seller, b.faulty = fmt.Sprintf("m-%d", b.cases), faults
	b.SetAway(false)
	require.NoError(t, b.Empty(t.Context(), b.db))
	require.NoError(t, b.sellers.Put(t.Context(), merchant.Profile{ID: b.seller, Name: "Shop", GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}))
	_, err := b.stock.SetOnHand(t.Context(), b.seller, "SKU", 10_000)
	require.NoError(t, err)
	b.Arm(faults)
}

// sale is a request for three of the SKU, under a number, or in a series if there
// is none.
func (b *bed) sale(number string) string {
	in := map[string]any{
		"seller_merchant_id": b.seller, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26",
		"items": []any{map[string]any{
			"sku": "SKU", "description": "x", "hsn": "732393", "quantity": 3, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	}
	if number == "" {
		in["series"] = "S"
	} else {
		in["invoice_number"] = number
	}
	out, _ := json.Marshal(in)
	return string(out)
}

// uuid of the nth key of a case.
func uuid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// check holds the tables against the promises: n invoices were issued to the
// case's merchant, and nothing else is left of anything.
func (b *bed) check(t *testing.T, n int) {
	t.Helper()
	all, _, err := b.invoices.List(t.Context(), b.seller, "", 100)
	require.NoError(t, err)
	require.Len(t, all, n, "P1: invoices")
	level, err := b.stock.Get(t.Context(), b.seller, "SKU")
	require.NoError(t, err)
	sold := 0
	for _, inv := range all {
		if len(inv.Items) > 0 {
			sold += 3
		}
	}
	require.Equal(t, [3]int{10 - sold, 0, sold}, [3]int{int(level.OnHand / 1000), int(level.Reserved / 1000), int(level.Sold / 1000)}, "P3, P5: stock on hand, reserved, sold")
	due, err := b.sagas.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due, "P4: sagas that have not ended")
	stuck, err := b.sagas.Stuck(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, stuck, "P4: stuck sagas")
	entries, err := b.audit.List(t.Context(), b.seller, 0, 100)
	require.NoError(t, err)
	require.Len(t, entries, n, "P7: audit entries")
	require.NoError(t, audit.Verify(entries, 0, ""), "P7: the chain")
	require.Len(t, b.Created(b.seller), n, "P7: event ids published")
	for _, inv := range all {
		r, err := b.sagas.Load(t.Context(), inv.SagaID)
		require.NoError(t, err)
		require.Equal(t, saga.Completed, r.State)
	}
	require.Empty(t, b.DeadLetters(), "dead letters")
}
