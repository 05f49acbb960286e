package crash_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// fixture is a cloud with the stores that a test reads. Cases use it one after the other,
// each with its own merchant.
type fixture struct {
	*crash.Cloud
	db       *dynamodb.Client
	tables   dynamotest.Names
	sagas    *saga.Store
	invoices *invoice.Store
	stock    *inventory.Store
	audit    *audit.Log
	sellers  *merchant.Store
	tokens   signing.Issuer
	cases    int
	seller   string
	original string // the invoice that is to be cancelled
	faulty   []crash.Fault
}

// fixtures is a pool for parallel cases. It is larger than the number of CPUs, since a case
// mostly waits.
var fixtures = make(chan *fixture, 4*runtime.NumCPU()) //nolint:gochecknoglobals // shared by parallel cases

func newFixture(tb testing.TB, attempts string) *fixture {
	tb.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(tb, err)
	client := dynamotest.Client(tb)
	f := &fixture{db: client, tables: dynamotest.Tables(tb, client)}
	log := io.Discard
	if testing.Verbose() {
		log = os.Stderr
	}
	f.Cloud = crash.NewCloud(root, *client.Options().BaseEndpoint, f.tables, attempts, log)
	tb.Cleanup(f.Close)
	f.sagas = saga.Open(client, saga.Config{Table: f.tables.Platform}, now)
	f.invoices = invoice.NewStore(client, f.tables.Invoices)
	f.stock = inventory.New(client, inventory.Config{Table: f.tables.Inventory}, now)
	f.audit = audit.New(client, audit.Config{Table: f.tables.Audit, Now: time.Now})
	f.sellers = merchant.NewStore(client, f.tables.Platform, now)
	f.tokens = callertest.NewIssuer(tb, caller.NewStore(client, f.tables.Keys, now), crash.Issuer, now)
	return f
}

// begin empties the tables and creates the next case's merchant with ten units of SKU.
func (f *fixture) begin(t *testing.T, faults ...crash.Fault) {
	t.Helper()
	f.cases++
	f.seller, f.faulty = fmt.Sprintf("m-%d", f.cases), faults
	f.SetAway(false)
	require.NoError(t, f.Empty(t.Context(), f.db))
	require.NoError(t, f.sellers.Put(t.Context(), merchant.Profile{
		ID: f.seller, Name: "Shop", GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise,
	}))
	token, err := f.tokens.Token(t.Context(), caller.Client{ID: "cl_test", Merchant: f.seller, Role: caller.Clerk}, "")
	require.NoError(t, err)
	f.SignIn(token.Access)
	f.count(t, 10)
	f.Arm(faults)
}

// count records how many units of SKU are on hand.
func (f *fixture) count(t *testing.T, units int) {
	t.Helper()
	_, err := f.stock.SetOnHand(t.Context(), f.seller, "SKU", money.Quantity(1000*units))
	require.NoError(t, err)
}

// sale is a request for three units of SKU with a number, or in a series if number is
// empty.
func (f *fixture) sale(number string) string {
	in := map[string]any{
		"seller_merchant_id": f.seller, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26",
		"items": []any{map[string]any{
			"sku": "SKU", "description": "x", "hsn": "732393",
			"quantity": 3, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
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

// uuid returns the nth key of a case.
func uuid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// issued returns the invoices of the case's merchant.
func (f *fixture) issued(t *testing.T) (all []gst.Invoice) {
	t.Helper()
	q := invoice.Query{Tenant: caller.ActingFor(f.seller), Limit: 100}
	_, err := f.invoices.List(t.Context(), q, func(inv gst.Invoice) bool {
		all = append(all, inv)
		return true
	})
	require.NoError(t, err)
	return all
}

// check checks the promises: the case's merchant has n invoices, and nothing else remains.
func (f *fixture) check(t *testing.T, n int) {
	t.Helper()
	all := f.issued(t)
	require.Len(t, all, n, "P1: invoices")
	level, err := f.stock.Get(t.Context(), caller.ActingFor(f.seller), "SKU")
	require.NoError(t, err)
	sold, ended := 0, []string{}
	for _, inv := range all {
		switch {
		case inv.Cancellation != nil:
			ended = append(ended, inv.Cancellation.SagaID)
		case inv.Restock:
			sold -= 3
		case len(inv.Items) > 0:
			sold += 3
		}
		f.checkBalance(t, inv, all)
	}
	stock := [3]int{int(level.OnHand / 1000), int(level.Reserved / 1000), int(level.Sold / 1000)}
	require.Equal(t, [3]int{10 - sold, 0, sold}, stock, "P3, P5: stock on hand, reserved, sold")
	unended, err := f.Unended(t.Context(), f.db)
	require.NoError(t, err)
	require.Empty(t, unended, "P4: sagas that have not ended")
	entries, err := audittest.All(t.Context(), f.audit)
	require.NoError(t, err)
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.InvoiceID == "" }) // acts
	require.Len(t, entries, n+len(ended), "P7: audit entries")
	require.Len(t, f.Published(events.InvoiceCreated, f.seller), n, "P7: event ids published")
	require.Len(t, f.Published(events.InvoiceCancelled, f.seller), len(ended), "P7: event ids published")
	for _, inv := range all {
		ended = append(ended, inv.SagaID)
	}
	for _, id := range ended {
		r, err := f.sagas.Load(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, saga.Completed, r.State)
	}
	require.Empty(t, f.DeadLetters(), "dead letters")
}
