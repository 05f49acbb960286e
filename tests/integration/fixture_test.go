//go:build integration

// Package integration_test tests a deployed stack, which it finds by the variables of
// stack.env. `make integration` starts a stack and runs the tests.
//
// Tests with merchants of their own run in parallel. Those that refuse a function, open
// the breaker, read the dead letter queue or load the machine run alone.
package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/contract"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// fixture is a client of the stack that validates every response against the API's
// description.
type fixture struct {
	*stack.Stack
	*client.Client // acts as the merchant that the test created last; until then, without a token
	doc            *contract.Document
}

// running is the stack of all tests, so that they share its clients and their tokens.
var running = sync.OnceValues(func() (*stack.Stack, error) { return stack.Open(context.Background(), os.Getenv) })

func setup(t *testing.T) *fixture {
	t.Helper()
	s, err := running()
	require.NoError(t, err)
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	return &fixture{s, s.Client, doc}
}

// as returns a fixture that acts as a merchant, whether or not that exists.
func (f *fixture) as(t *testing.T, merchant string) *fixture {
	t.Helper()
	c, err := f.As(t.Context(), merchant)
	require.NoError(t, err)
	return &fixture{f.Stack, c, f.doc}
}

func (f *fixture) call(t *testing.T, method, path string, body []byte, header ...string) client.Reply {
	t.Helper()
	r, err := f.Call(t.Context(), method, path, body, header...)
	require.NoError(t, err)
	require.NoError(t, f.doc.Check(t.Context(), method, path, r.Status, r.Header, r.Body), "%d %s", r.Status, r.Body)
	return r
}

func (f *fixture) create(t *testing.T, key, body string) client.Reply {
	t.Helper()
	return f.call(t, http.MethodPost, "/invoices", []byte(body),
		"Content-Type", "application/json", "Idempotency-Key", key)
}

// createWithRetry retries a request: on a slow emulator, contention exceeds the time limit of one.
func (f *fixture) createWithRetry(ctx context.Context, key, body string) (client.Reply, error) {
	return f.Issue(ctx, key, []byte(body), 10)
}

// merchant creates a seller for one test, which isolates tests from each other. The fixture acts
// as it from then on.
func (f *fixture) merchant(t *testing.T, compliance string) string {
	t.Helper()
	id := "m-" + strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	id = fmt.Sprintf("%.40s-%s", id, client.NewKey()[:8])
	f.putMerchant(t, id, registration.GSTIN("27", id), compliance)
	return id
}

func (f *fixture) stock(t *testing.T, merchant, sku string, onHand int) {
	t.Helper()
	count := map[string]any{"merchant_id": merchant, "on_hand": onHand}
	require.NoError(t, f.as(t, merchant).Put(t.Context(), "/inventory/"+sku, count))
}

// awaitState waits for a saga to reach a state.
func (f *fixture) awaitState(t *testing.T, sagaID, want string) {
	t.Helper()
	var last string
	err := stack.Await(t.Context(), time.Minute, func() (bool, error) {
		state, err := f.State(t.Context(), sagaID)
		last = state
		return state == want, err
	})
	require.NoError(t, err, "saga %s is %s, not %s", sagaID, last, want)
}

// sale is a request with one line of a SKU and a number from series S.
func sale(merchant, sku string, quantity int) string {
	b, err := json.Marshal(map[string]any{
		"series": "S", "seller_merchant_id": merchant,
		"buyer_gstin": "29AABCU9603R1ZJ", "buyer_name": "Brightway Stores",
		"buyer_address": "7 Brigade Road, Bengaluru 560025", "invoice_date": "2025-11-26",
		"items": []any{map[string]any{
			"sku": sku, "description": "Steel bottle", "hsn": "732393",
			"quantity": quantity, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// numbered is the specification's request with an invoice number.
func numbered(merchant, number string) string {
	return fmt.Sprintf(`{"invoice_number":%q,"seller_merchant_id":%q,"buyer_gstin":"29AABCU9603R1ZJ",`+
		`"invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`, number, merchant)
}

// invoices lists a merchant's invoices from all pages.
func (f *fixture) invoices(t *testing.T, merchant string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for cursor := ""; ; {
		path := "/invoices?expand=document&limit=100&merchant_id=" + merchant + "&cursor=" + cursor
		r := f.as(t, merchant).call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		var page struct {
			Invoices []map[string]any `json:"invoices"`
			Next     string           `json:"next_cursor"`
		}
		require.NoError(t, json.Unmarshal(r.Body, &page))
		all = append(all, page.Invoices...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// detached is a context for cleanup, which outlives the test's.
func detached(t *testing.T) context.Context {
	t.Helper()
	return context.WithoutCancel(t.Context())
}
