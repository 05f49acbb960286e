//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/problem"
)

// putStock counts a SKU, which is encoded as in a path.
func (f *fixture) putStock(t *testing.T, m, sku string, onHand int, header ...string) client.Reply {
	t.Helper()
	body := fmt.Sprintf(`{"merchant_id":%q,"on_hand":%d}`, m, onHand)
	header = append(header, "Content-Type", "application/json")
	return f.call(t, http.MethodPut, "/inventory/"+sku, []byte(body), header...)
}

// moveStock records a movement of a SKU, which is encoded as in a path.
func (f *fixture) moveStock(t *testing.T, m, sku, delta, key string) client.Reply {
	t.Helper()
	body := fmt.Sprintf(`{"merchant_id":%q,"delta":%q,"reason":"count of the shelf"}`, m, delta)
	return f.call(t, http.MethodPost, "/inventory/"+sku+"/movements", []byte(body),
		"Content-Type", "application/json", "Idempotency-Key", key)
}

// TestSKUsWithASlash: a path is decoded once, so `%2F` is a slash and `%252F` is not.
func TestSKUsWithASlash(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	r := f.putStock(t, m, "A%2FB", 10)
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	require.Equal(t, "A/B", r.Field("sku"))
	r = f.moveStock(t, m, "A%2fB", "-2.5", client.NewKey())
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	r = f.call(t, http.MethodGet, "/inventory/A%2FB?merchant_id="+m, nil)
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	require.Equal(t, "7.5", r.Field("on_hand"))
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), sale(m, "A/B", 1)).Status)

	r = f.putStock(t, m, "A%252FB", 1)
	require.Equal(t, http.StatusUnprocessableEntity, r.Status, "%s", r.Body)
	require.Contains(t, string(r.Body), "sku_malformed")
	r = f.moveStock(t, m, "A%252FB", "1", client.NewKey())
	require.Equal(t, http.StatusUnprocessableEntity, r.Status, "%s", r.Body)
	r = f.call(t, http.MethodGet, "/inventory/A%252FB?merchant_id="+m, nil)
	require.Equal(t, http.StatusNotFound, r.Status, "%s", r.Body)
}

// TestARepeatedCountDoesNotOversell: ten are counted, eight sold, and the count is repeated.
func TestARepeatedCountDoesNotOversell(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	read := f.putStock(t, m, "SKU", 10, "Idempotency-Key", key)
	require.Equal(t, http.StatusOK, read.Status, "%s", read.Body)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), sale(m, "SKU", 8)).Status)
	again := f.putStock(t, m, "SKU", 10, "Idempotency-Key", key)
	require.Equal(t, http.StatusOK, again.Status, "%s", again.Body)
	require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
	require.Equal(t, "2", again.Field("on_hand"))
	require.Equal(t, "out_of_stock", f.create(t, client.NewKey(), sale(m, "SKU", 3)).Field("code"))

	reused := f.putStock(t, m, "SKU", 11, "Idempotency-Key", key)
	require.Equal(t, "idempotency_key_reused", reused.Field("code"))
	stale := f.putStock(t, m, "SKU", 15, "If-Match", read.Header.Get("ETag"))
	require.Equal(t, http.StatusPreconditionFailed, stale.Status, "%s", stale.Body)
	require.Equal(t, "precondition_failed", stale.Field("code"))
}

// TestMovements: a receipt of 5 and a sale of 3 leave 12 of 10, however often each is sent.
func TestMovements(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, receipt, sold := f.merchant(t, "advise"), client.NewKey(), client.NewKey()
	f.stock(t, m, "SKU", 10)
	done := make(chan client.Reply, 1)
	go func() {
		r, _ := f.createWithRetry(t.Context(), sold, sale(m, "SKU", 3))
		done <- r
	}()
	for range 3 {
		r := f.moveStock(t, m, "SKU", "5", receipt)
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	}
	require.Equal(t, http.StatusCreated, (<-done).Status)
	r := f.call(t, http.MethodGet, "/inventory/SKU?merchant_id="+m, nil)
	require.Equal(t, "12", r.Field("on_hand"), "%s", r.Body)
	require.NotEmpty(t, r.Header.Get("ETag"))

	r = f.moveStock(t, m, "SKU", "-12.001", client.NewKey())
	require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
	require.Equal(t, "on_hand_out_of_range", r.Field("code"))
	require.Equal(t, "unknown_sku", f.moveStock(t, m, "NONE", "1", client.NewKey()).Field("code"))
}

func TestStockOfAnUnknownMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t).as(t, "missing")
	for _, r := range []client.Reply{
		f.putStock(t, "missing", "SKU", 1), f.moveStock(t, "missing", "SKU", "1", client.NewKey()),
		f.call(t, http.MethodGet, "/inventory/SKU?merchant_id=missing", nil),
	} {
		require.Equal(t, http.StatusNotFound, r.Status)
		require.Equal(t, "merchant_not_found", r.Field("code"))
	}
}

// TestEveryShortLineIsNamed also at a repetition of the request.
func TestEveryShortLineIsNamed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "A", 2)
	f.stock(t, m, "B", 5)
	f.stock(t, m, "C", 5)
	var body map[string]any
	require.NoError(t, json.Unmarshal([]byte(sale(m, "C", 1)), &body))
	line := func(sku string, quantity int) any {
		return map[string]any{
			"sku": sku, "description": "x", "hsn": "732393", "quantity": quantity, "unit": "NOS",
			"unit_price": 1, "gst_rate": 18,
		}
	}
	body["items"] = []any{line("B", 3), line("C", 5), line("A", 9), line("B", 4)}
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	for range 2 {
		r := f.create(t, key, string(raw))
		require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
		var document struct {
			Errors []problem.FieldError `json:"errors"`
		}
		require.NoError(t, json.Unmarshal(r.Body, &document))
		var short []string
		for _, e := range document.Errors {
			short = append(short, fmt.Sprint(e.Field, " ", e.Code, " ", e.SKU, " ", e.Wanted, " of ", e.OnHand))
		}
		require.Equal(t, []string{
			"items[0].quantity out_of_stock B 7 of 5", "items[2].quantity out_of_stock A 9 of 2",
			"items[3].quantity out_of_stock B 7 of 5",
		}, short)
	}
}
