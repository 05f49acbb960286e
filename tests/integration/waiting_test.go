//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// accept sends a request to be answered later and returns the path of its status.
func (f *fixture) accept(t *testing.T, key, body string) string {
	t.Helper()
	r := f.call(t, http.MethodPost, "/invoices", []byte(body),
		"Content-Type", "application/json", "Idempotency-Key", key, "Prefer", "respond-async")
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
	return r.Field("status_url")
}

// TestARequestThatWaits is promise P11: the inventory is away while the request is tried, then it
// is back. The status never shows an end that is not one. It runs alone, since it refuses the
// inventory.
func TestARequestThatWaits(t *testing.T) {
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 5)
	allow := f.refuse(t, deployment.ReserveFunction)
	status := f.accept(t, key, sale(m, "SKU", 2))
	seen := map[string]bool{}
	await := func(state string) client.Reply {
		var r client.Reply
		require.NoError(t, stack.Await(t.Context(), 75*time.Second, func() (bool, error) {
			r = f.call(t, http.MethodGet, status, nil)
			seen[r.Field("state")] = true
			return r.Field("state") == state, nil
		}), "%s", r.Body)
		return r
	}
	r := await("RETRYING")
	require.Equal(t, "temporarily_unavailable", r.Field("reason"))
	next, err := time.Parse(time.RFC3339, r.Field("next_attempt_at"))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), next, time.Minute)
	allow()
	r = await("COMPLETED")
	var links struct {
		Links    struct{ Invoice string }
		Attempts []string
	}
	require.NoError(t, json.Unmarshal(r.Body, &links))
	require.Greater(t, len(links.Attempts), 1)
	issued := f.call(t, http.MethodGet, links.Links.Invoice, nil)
	require.Equal(t, r.Field("invoice_number"), issued.Field("invoice_number"))
	require.Len(t, f.invoices(t, m), 1)
	require.NotContains(t, seen, "ABORTED")
	require.NotContains(t, seen, "COMPENSATED")
}

// TestARefusedRequestIsTold: by its status, with the problem, and by an event. It is no dead
// letter.
func TestARefusedRequestIsTold(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 1)
	refused := f.subscribe(t, events.InvoiceRefused)
	status := f.accept(t, key, sale(m, "SKU", 2))
	direct := client.NewKey()
	f.send(t, deployment.RequestsQueue, fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, direct, sale(m, "SKU", 3)))
	got := drain(t, refused, func(e events.Event) bool { return e.MerchantID == m }, 2)
	require.Len(t, got, 2)
	keys := map[string]bool{}
	for _, e := range got {
		var data events.RequestRefused
		require.NoError(t, json.Unmarshal(e.Data, &data))
		require.Equal(t, "out_of_stock", data.Reason)
		keys[data.IdempotencyKey] = true
	}
	require.Equal(t, map[string]bool{key: true, direct: true}, keys)
	r := f.call(t, http.MethodGet, status, nil)
	require.Equal(t, "ABORTED", r.Field("state"))
	require.Contains(t, string(r.Body), `"problem":{"type":"urn:invochain:problem:out_of_stock"`)

	f.stock(t, m, "SKU", 9)
	require.Equal(t, status, f.accept(t, key, sale(m, "SKU", 2)), "the same request again")
	f.awaitState(t, status[len("/sagas/"):], "COMPLETED")
}

// TestAChangedProfileHoldsAtOnce: the policy changes twenty times, and after each answer fifty
// requests at once, on as many instances, are judged by the new one. It runs alone because
// of its load.
func TestAChangedProfileHoldsAtOnce(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "advise")
	const rounds, clients = 20, 50
	for round := range rounds {
		policy, want := "advise", http.StatusCreated
		if round%2 == 1 {
			policy, want = "strict", http.StatusUnprocessableEntity
		}
		f.putMerchant(t, m, registration.GSTIN("27", m), policy)
		var wg sync.WaitGroup
		statuses := make([]int, clients)
		for i := range clients {
			wg.Go(func() {
				r, err := f.createWithRetry(t.Context(), client.NewKey(), numbered(m, fmt.Sprintf("P-%d-%d", round, i)))
				if err == nil {
					statuses[i] = r.Status
				}
			})
		}
		wg.Wait()
		for _, status := range statuses {
			require.Equal(t, want, status, "round %d, %s", round, policy)
		}
	}
}

// TestACorrectedGSTINHoldsAtOnce: until the first invoice it may be corrected, and then not.
func TestACorrectedGSTINHoldsAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	corrected := registration.GSTIN("29", m)
	f.putMerchant(t, m, corrected, "advise")
	r := f.create(t, client.NewKey(), numbered(m, "G-1"))
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	require.Equal(t, corrected, r.Field("seller_gstin"))
	operator := &fixture{f.Stack, f.AsOperator, f.doc}
	put := func(id, gstin string) client.Reply {
		return operator.call(t, http.MethodPut, "/merchants/"+id, fmt.Appendf(nil, `{"name":"x","gstin":%q}`, gstin),
			"Content-Type", "application/json")
	}
	require.Equal(t, "gstin_in_use", put(m, registration.GSTIN("27", m)).Field("code"))
	require.Equal(t, "gstin_taken", put(m+"-b", corrected).Field("code"))
	require.Equal(t, http.StatusOK, put(m+"-b", registration.GSTIN("27", m)).Status, "the former GSTIN is free")
}

func (f *fixture) putMerchant(t *testing.T, id, gstin, compliance string) {
	t.Helper()
	c, err := f.NewMerchant(t.Context(), id, gstin, compliance)
	require.NoError(t, err)
	f.Client = c
}
