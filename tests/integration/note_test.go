//go:build integration

package integration_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// creditNote is a credit note of one unit to the invoice with an id, whose buyer is that of sale.
func creditNote(t *testing.T, m, originalID, price string, fields map[string]any) string {
	t.Helper()
	note := map[string]any{
		"document_type": "CRN", "series": "CN", "original_invoice_id": originalID, "seller_merchant_id": m,
		"buyer_gstin": "29AABCU9603R1ZJ", "buyer_name": "Brightway Stores",
		"buyer_address": "7 Brigade Road, Bengaluru 560025", "invoice_date": "2025-12-01",
		"items": []any{map[string]any{
			"sku": "SKU", "description": "Steel bottle", "hsn": "732393",
			"quantity": 1, "unit": "NOS", "unit_price": price, "gst_rate": 18,
		}},
	}
	maps.Copy(note, fields)
	b, err := json.Marshal(note)
	require.NoError(t, err)
	return string(b)
}

// awaitStock waits until a SKU has as many units on hand and sold.
func (f *fixture) awaitStock(t *testing.T, m, onHand, sold string) {
	t.Helper()
	var r client.Reply
	err := stack.Await(t.Context(), time.Minute, func() (bool, error) {
		r = f.call(t, http.MethodGet, "/inventory/SKU?merchant_id="+m, nil)
		return r.Field("on_hand") == onHand && r.Field("sold") == sold, nil
	})
	require.NoError(t, err, "%s", r.Body)
}

// TestTwoNotesAtOnce: an invoice of ₹500 has two notes of ₹300 at the same time, and one of them
// is refused. Then a note for the rest brings one unit back.
func TestTwoNotesAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "strict")
	f.stock(t, m, "SKU", 10)
	original := f.create(t, client.NewKey(), sale(m, "SKU", 2))
	require.Equal(t, http.StatusCreated, original.Status, "%s", original.Body)
	id := original.Field("id")

	replies := make(chan client.Reply, 2)
	for range 2 {
		body := creditNote(t, m, id, "300", map[string]any{"note_reason": "post_sale_discount"})
		go func() {
			r, _ := f.createWithRetry(t.Context(), client.NewKey(), body)
			replies <- r
		}()
	}
	byStatus := map[int]client.Reply{}
	for range 2 {
		r := <-replies
		require.NoError(t, f.doc.Check(t.Context(), http.MethodPost, "/invoices", r.Status, r.Header, r.Body))
		byStatus[r.Status] = r
	}
	require.Contains(t, byStatus, http.StatusCreated)
	require.Contains(t, byStatus, http.StatusConflict)
	require.Equal(t, "credit_exceeds_original", byStatus[http.StatusConflict].Field("code"))
	require.Contains(t, string(byStatus[http.StatusConflict].Body), `"gst_rate":18,"wanted":300,"left":200}`)

	f.awaitStock(t, m, "8", "2")
	rest := creditNote(t, m, id, "200", map[string]any{"restock": true, "note_reason": "sales_return"})
	r := f.create(t, client.NewKey(), rest)
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	f.awaitStock(t, m, "9", "1")
	shown := f.call(t, http.MethodGet, "/invoices/"+r.Field("id"), nil)
	require.Equal(t, id, shown.Field("original_invoice_id"), "%s", shown.Body)
	r = f.create(t, client.NewKey(), creditNote(t, m, id, "0.01", nil))
	require.Equal(t, "credit_exceeds_original", r.Field("code"), "%s", r.Body)
}
