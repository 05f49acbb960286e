//go:build integration

package integration_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
)

func (f *fixture) cancel(t *testing.T, key, id, body string) client.Reply {
	t.Helper()
	return f.call(t, http.MethodPost, "/invoices/"+id+"/cancellation", []byte(body),
		"Content-Type", "application/json", "Idempotency-Key", key)
}

// TestCancelAnInvoice through the state machine: the stock is back, the number is used up, the log
// has an entry of it, and its event is on the bus.
func TestCancelAnInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key, cancelKey := f.merchant(t, "advise"), client.NewKey(), client.NewKey()
	f.stock(t, m, "SKU", 10)
	inbox := f.subscribe(t, events.InvoiceCancelled)
	issued := f.create(t, key, sale(m, "SKU", 3))
	require.Equal(t, http.StatusCreated, issued.Status, "%s", issued.Body)
	id := issued.Field("id")

	r := f.cancel(t, cancelKey, id, `{"reason":"duplicate","remark":"entered twice"}`)
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
	require.Equal(t, r.Field("status_url"), r.Header.Get("Location"))
	f.awaitState(t, r.Field("saga_id"), "COMPLETED")
	shown := f.call(t, http.MethodGet, "/invoices/"+id, nil)
	require.Equal(t, "CANCELLED", shown.Field("status"))
	require.Contains(t, string(shown.Body), `"cancellation":{"reason":"duplicate","remark":"entered twice"`)
	level, err := f.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, [3]int64{10_000, 0, 0}, [3]int64{int64(level.OnHand), int64(level.Reserved), int64(level.Sold)})
	listed := f.call(t, http.MethodGet, "/invoices?merchant_id="+m+"&status=CANCELLED", nil)
	require.Contains(t, string(listed.Body), id)
	mine := func(e events.Event) bool { return e.MerchantID == m }
	require.Contains(t, drain(t, inbox, mine, 1), r.Field("saga_id")+".invoice.cancelled")

	again := f.cancel(t, cancelKey, id, `{"reason":"duplicate","remark":"entered twice"}`)
	require.Equal(t, string(r.Body), string(again.Body))
	require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
	require.Equal(t, "already_cancelled", f.cancel(t, client.NewKey(), id, `{"reason":"other"}`).Field("code"))
	require.Equal(t, "idempotency_key_reused", f.cancel(t, cancelKey, id, `{"reason":"other"}`).Field("code"))
	replayed := f.create(t, key, sale(m, "SKU", 3))
	require.Equal(t, string(issued.Body), string(replayed.Body), "the answer of its issue stays")
	for body, code := range map[string]string{
		`{}`: "invalid_request", `{"reason":"because"}`: "invalid_request", `{`: "body_not_json",
	} {
		require.Equal(t, code, f.cancel(t, client.NewKey(), id, body).Field("code"), body)
	}
}
