//go:build integration

// Package integration_test drives a deployed stack, which the variables of its
// stack.env name. `make integration` starts one and runs this.
package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/contract"
	"github.com/invochain/invochain/tests/framework/stack"
)

// suite is a test's view of the stack: every answer is held against the
// description of the API.
type suite struct {
	*stack.Stack
	doc *contract.Document
}

func open(t *testing.T) *suite {
	t.Helper()
	s, err := stack.Open(t.Context(), os.Getenv)
	require.NoError(t, err)
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	return &suite{s, doc}
}

func (s *suite) call(t *testing.T, method, path string, body []byte, header ...string) stack.Reply {
	t.Helper()
	r, err := s.Call(t.Context(), method, path, body, header...)
	require.NoError(t, err)
	require.NoError(t, s.doc.Check(t.Context(), method, path, r.Status, r.Header, r.Body), "%d %s", r.Status, r.Body)
	return r
}

func (s *suite) create(t *testing.T, key, body string) stack.Reply {
	t.Helper()
	return s.call(t, http.MethodPost, "/invoices", []byte(body), "Content-Type", "application/json", "Idempotency-Key", key)
}

// insist sends a request again, with its key, for as long as it is told that it may: a
// slow bed under contention runs out of the time that a request has.
func (s *suite) insist(ctx context.Context, key, body string) (stack.Reply, error) {
	for range 10 {
		if r, err := s.Create(ctx, key, []byte(body)); err != nil || r.Field("retryable") != "true" {
			return r, err
		}
	}
	return s.Create(ctx, key, []byte(body))
}

// merchant makes a seller of its own for a test, so that tests do not meet.
func (s *suite) merchant(t *testing.T, compliance string) string {
	t.Helper()
	id := "m-" + strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	id = fmt.Sprintf("%.40s-%s", id, stack.NewKey()[:8])
	require.NoError(t, s.Put(t.Context(), "/merchants/"+id, map[string]any{
		"name": "Test Traders", "gstin": "27AABCU9603R1ZN", "compliance": compliance,
	}))
	return id
}

func (s *suite) stock(t *testing.T, merchant, sku string, onHand int) {
	t.Helper()
	require.NoError(t, s.Put(t.Context(), "/inventory/"+sku, map[string]any{"merchant_id": merchant, "on_hand": onHand}))
}

// awaitState waits for a saga to reach a state.
func (s *suite) awaitState(t *testing.T, sagaID, want string) {
	t.Helper()
	var last string
	err := stack.Await(t.Context(), time.Minute, func() (bool, error) {
		state, err := s.State(t.Context(), sagaID)
		last = state
		return state == want, err
	})
	require.NoError(t, err, "saga %s is %s, not %s", sagaID, last, want)
}

// sale is a request for one line of a SKU, numbered by us.
func sale(merchant, sku string, quantity int) string {
	b, err := json.Marshal(map[string]any{
		"series": "S", "seller_merchant_id": merchant, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26",
		"items": []any{map[string]any{
			"sku": sku, "description": "Steel bottle", "hsn": "732393", "quantity": quantity, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// numbered is the request of the specification under a number and a seller.
func numbered(merchant, number string) string {
	return fmt.Sprintf(`{"invoice_number":%q,"seller_merchant_id":%q,"buyer_gstin":"29AABCU9603R1ZJ",`+
		`"invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}`, number, merchant)
}

// invoices counts what the list shows of a merchant, through all its pages.
func (s *suite) invoices(t *testing.T, merchant string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for cursor := ""; ; {
		r := s.call(t, http.MethodGet, "/invoices?limit=100&merchant_id="+merchant+"&cursor="+cursor, nil)
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

func detached(t *testing.T) context.Context {
	t.Helper()
	return context.WithoutCancel(t.Context())
}
