//go:build integration

package integration_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/tests/framework/stack"
)

// TestTenantsAreApart: another's key, cursor and ETag are worth nothing.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a, b := f.newTenant(t, "CANARY-A"), f.newTenant(t, "CANARY-B")
	key := client.NewKey()
	first := f.as(t, a.id).create(t, key, numbered(a.id, "K-1"))
	second := f.as(t, b.id).create(t, key, numbered(b.id, "K-1"))
	require.Equal(t, []int{http.StatusCreated, http.StatusCreated}, []int{first.Status, second.Status})
	require.NotEqual(t, first.Field("id"), second.Field("id"), "the key of another merchant is another key")
	page := f.as(t, b.id).call(t, http.MethodGet, "/invoices?limit=1", nil)
	require.NotEmpty(t, page.Field("next_cursor"))
	r := f.as(t, a.id).call(t, http.MethodGet, "/invoices?cursor="+page.Field("next_cursor"), nil)
	require.Equal(t, "cursor_invalid", r.Field("code"))
	r = f.as(t, a.id).call(t, http.MethodGet, "/invoices/"+b.invoice, nil, "If-None-Match", "*")
	require.Equal(t, http.StatusNotFound, r.Status)
	for _, path := range []string{"/invoices/" + a.invoice, "/sagas/" + a.saga} {
		r = f.as(t, a.id).call(t, http.MethodGet, path+"?merchant_id="+b.id, nil)
		require.Equal(t, "merchant_forbidden", r.Field("code"), "its own record under another's name")
	}
}

// TestRevokedTokenIsRefused: within a minute and a request, on each instance of a function.
func TestRevokedTokenIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.newTenant(t, "CANARY")
	c := f.newClient(t, m, caller.Auditor)
	token, err := f.Stack.WithCredentials(c.ID, c.Secret).Token(t.Context())
	require.NoError(t, err)
	read := func() int {
		return f.sendAs(t, "Bearer "+token, http.MethodGet, operation{path: "/invoices/" + m.invoice}).Status
	}
	require.Equal(t, http.StatusOK, read())
	require.NoError(t, f.Operator.Callers.RevokeClient(t.Context(), c.ID))
	refused := 0
	require.NoError(t, stack.Await(t.Context(), 90*time.Second, func() (bool, error) {
		if read() == http.StatusUnauthorized {
			refused++
		} else {
			refused = 0
		}
		return refused == 20, nil
	}))
}

// TestMerchantsAreLimited: one that sends too fast learns when to come back; others are served.
func TestMerchantsAreLimited(t *testing.T) {
	t.Parallel()
	f := setup(t)
	fast, other := f.newTenant(t, "CANARY-FAST"), f.newTenant(t, "CANARY-SLOW")
	_, err := f.Operator.Limits.SetRate(t.Context(), limit.PerMerchant().Key(fast.id),
		limit.Rate{PerSecond: 1, Burst: 5}, "tests", "a small rate")
	require.NoError(t, err)
	var mu sync.Mutex
	var refused []client.Reply
	end := time.Now().Add(20 * time.Second)
	for len(refused) == 0 && time.Now().Before(end) {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				r, err := f.as(t, fast.id).Call(t.Context(), http.MethodGet, "/invoices/"+fast.invoice, nil)
				if err == nil && r.Status == http.StatusTooManyRequests {
					mu.Lock()
					defer mu.Unlock()
					refused = append(refused, r)
				}
			})
		}
		wg.Wait()
	}
	require.NotEmpty(t, refused)
	r := refused[0]
	require.NoError(t, f.doc.Check(t.Context(), http.MethodGet, "/invoices/"+fast.invoice, r.Status, r.Header, r.Body))
	require.Equal(t, "quota_exceeded", r.Field("code"))
	require.Equal(t, `"merchant";q=1;w=1`, r.Header.Get("RateLimit-Policy"))
	require.Positive(t, r.RetryAfter())
	require.Equal(t, http.StatusOK, f.as(t, other.id).call(t, http.MethodGet, "/invoices/"+other.invoice, nil).Status)
}
