package caller_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/metric"
)

// guarded serves one route that needs invoices:read, and the merchant that a request names.
func (f *fixture) guarded(log *bytes.Buffer) http.Handler {
	guard := caller.Guard{
		Verifier: f.verifier(),
		Limits:   f.limiter(limit.PerMerchant()),
		Log:      slog.New(slog.NewTextHandler(log, nil)),
	}
	return httpapi.Router{
		Guard: guard.Middleware, Now: f.clock, Log: slog.New(slog.DiscardHandler),
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Pattern: "/invoices", Scope: caller.InvoicesRead, Query: []string{"merchant_id"},
			Handle: func(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
				t, err := caller.TenantOf(ctx, r.Query("merchant_id"))
				return httpapi.Response{Status: http.StatusOK, Body: []byte(t.MerchantID())}, err
			},
		}},
	}.Handler()
}

func TestGuard(t *testing.T) {
	t.Parallel()
	f := setup(t)
	token := func(c caller.Client, scope string) string {
		issued, err := f.issuer().Token(t.Context(), c, scope)
		require.NoError(t, err)
		return "Bearer " + issued.Access
	}
	full, operator := token(clerk(), ""), token(caller.Client{ID: "cl_op", Role: caller.Operator}, "")
	for name, tc := range map[string]struct {
		authorization, query string
		status               int
		code, challenge      string
		reason               string
	}{
		"its merchant":       {full, "", 200, "", "", ""},
		"named":              {full, "?merchant_id=merchant-123", 200, "", "", ""},
		"another merchant":   {full, "?merchant_id=other", 403, "merchant_forbidden", "", "merchant"},
		"no token":           {"", "", 401, "invalid_token", `Bearer realm="invochain"`, "missing"},
		"two tokens":         {full + ", " + full, "", 401, "invalid_token", invalid, "malformed"},
		"Basic":              {"Basic eDp5", "", 401, "invalid_token", invalid, "malformed"},
		"another signature":  {full[:len(full)-8] + "AAAAAAAA", "", 401, "invalid_token", invalid, "signature"},
		"without the scope":  {token(clerk(), "stock:read"), "", 403, "insufficient_scope", lacksScope, "scope"},
		"an operator's":      {operator, "", 403, "insufficient_scope", lacksScope, "scope"},
		"before the queries": {"", "?unknown=1", 401, "invalid_token", `Bearer realm="invochain"`, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, counted := telemetrytest.Record(t)
			var log bytes.Buffer
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/invoices"+tc.query, http.NoBody)
			r.Header.Set("Authorization", tc.authorization)
			w := httptest.NewRecorder()
			f.guarded(&log).ServeHTTP(w, r)
			require.Equal(t, tc.status, w.Code, w.Body)
			require.Contains(t, w.Body.String(), tc.code)
			require.Equal(t, []string{tc.challenge}, append(w.Header().Values("WWW-Authenticate"), "")[:1])
			refusals := counted()[metric.SecurityRefusals+"{reason="+tc.reason+"}"]
			if tc.reason == "" {
				require.Equal(t, "merchant-123", w.Body.String())
				require.Empty(t, log.String())
				return
			}
			require.InDelta(t, 1, refusals, 0)
			require.Contains(t, log.String(), "reason="+tc.reason)
			require.NotContains(t, log.String()+w.Body.String(), full[20:60], "no part of the token")
		})
	}
}

// limiter returns a limiter of one process whose settlements all come late.
func (f *fixture) limiter(p limit.Policy) *limit.Limiter {
	return limit.New(limit.Config{
		Policy: p, Now: f.clock,
		Settle: func(context.Context, string, limit.Charge) (limit.State, error) {
			return limit.State{}, errors.New("late")
		},
	})
}

// TestGuardLimitsAMerchant: the others are served, and the refused caller learns when to come back.
func TestGuardLimitsAMerchant(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var log bytes.Buffer
	h := f.guarded(&log)
	get := func(c caller.Client) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/invoices", http.NoBody)
		r.Header.Set("Authorization", f.token(t, c))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	last := &httptest.ResponseRecorder{}
	for range limit.PerMerchant().Rate.Burst {
		last = get(clerk())
		require.Equal(t, http.StatusOK, last.Code)
	}
	require.Equal(t, `"merchant";q=50;w=1`, last.Header().Get("RateLimit-Policy"))
	require.Equal(t, `"merchant";r=0;t=1`, last.Header().Get("RateLimit"))
	refused := get(clerk())
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.Contains(t, refused.Body.String(), `"violated-policies":["merchant"]`)
	require.Equal(t, "1", refused.Header().Get("Retry-After"))
	require.Equal(t, `"merchant";r=0;t=1`, refused.Header().Get("RateLimit"))
	require.Contains(t, log.String(), "reason=rate")
	require.Equal(t, http.StatusOK, get(caller.Client{ID: "cl_2", Merchant: "other", Role: caller.Clerk}).Code)
}

const (
	invalid    = `Bearer realm="invochain", error="invalid_token"`
	lacksScope = `Bearer realm="invochain", error="insufficient_scope", scope="invoices:read"`
)

// TestGuardWithoutKeys: it fails closed, and says that a retry may succeed.
func TestGuardWithoutKeys(t *testing.T) {
	t.Parallel()
	f := setup(t)
	issued, err := f.issuer().Token(t.Context(), clerk(), "")
	require.NoError(t, err)
	f.away = true
	var log bytes.Buffer
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/invoices", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+issued.Access)
	w := httptest.NewRecorder()
	f.guarded(&log).ServeHTTP(w, r)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.NotContains(t, w.Body.String(), "table")
	require.Contains(t, log.String(), "reason=keys_unavailable")
}

func TestTenant(t *testing.T) {
	t.Parallel()
	ofOne := caller.NewContext(t.Context(), caller.NewPrincipal("cl_1", caller.Clerk, "m", nil))
	ofAll := caller.NewContext(t.Context(), caller.NewPrincipal("cl_2", caller.Operator, "", nil))
	for name, tc := range map[string]struct {
		ctx         context.Context //nolint:containedctx // one for each row
		named, want string
	}{
		"its own":                 {ofOne, "", "m"},
		"its own, named":          {ofOne, "m", "m"},
		"another":                 {ofOne, "other", ""},
		"the same in other case":  {ofOne, "M", ""},
		"an operator names one":   {ofAll, "other", "other"},
		"an operator names none":  {ofAll, "", ""},
		"an operator names no id": {ofAll, "a b", ""},
		"without a caller":        {t.Context(), "m", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := caller.TenantOf(tc.ctx, tc.named)
			require.Equal(t, tc.want, got.MerchantID())
			require.Equal(t, tc.want == "", err != nil)
		})
	}
	require.False(t, caller.Tenant{}.Owns(""))
	require.False(t, caller.ActingFor("").Owns(""))
	require.True(t, caller.From(ofAll).Tenant.Owns("other"))
}
