package main

import (
	"bytes"
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/metric"
)

// TestAdministrativeActsAreLogged: each names its actor, its object and why, and no secret, in the audit
// log and in the function's. An act that is refused is none, and a repetition is the same one.
func TestAdministrativeActsAreLogged(t *testing.T) {
	f := setup(t)
	path := "/clients/" + f.id
	for _, tc := range []struct{ method, path, body, action, why string }{
		{http.MethodPost, "/clients", `{"role":"clerk","reason":"a shop"}`, events.ClientCreated, "a shop"},
		{http.MethodPost, "/clients", `{"role":"operator","reason":"x"}`, "", ""},
		{http.MethodPost, path + "/roll", `{"reason":"leaked"}`, events.ClientRolled, "leaked"},
		{http.MethodPost, path + "/roll", `{"reason":"again"}`, events.ClientRolled, "again"},
		{http.MethodPost, path + "/roll", "", "", ""},
		{http.MethodDelete, "/clients/cl_other", "", "", ""},
		{http.MethodDelete, path, "", events.ClientRevoked, ""},
		{http.MethodDelete, path, "", events.ClientRevoked, ""},
		{http.MethodPost, path + "/roll", `{"reason":"too late"}`, "", ""},
	} {
		t.Run(tc.method+tc.path+tc.body, func(t *testing.T) {
			var log bytes.Buffer
			f.acts.Log = slog.New(slog.NewJSONHandler(&log, nil))
			before := len(f.sent)
			status, c := f.as(t, caller.Admin, "merchant-123", tc.method, tc.path, tc.body)
			if tc.action == "" {
				require.GreaterOrEqual(t, status, http.StatusBadRequest)
				require.Len(t, f.sent, before)
				return
			}
			require.Len(t, f.sent, before+1)
			act := f.sent[before]
			require.Equal(t, events.Act{
				ID: act.ID, Action: tc.action, MerchantID: "merchant-123", Subject: cmp.Or(c.ID, f.id), Actor: "cl_test",
				Reason: tc.why, At: f.now(),
			}, act)
			all := log.String()
			require.Contains(t, all, `"msg":"administrative act","act":"`+tc.action+`","object":"`+act.Subject+
				`","actor":"cl_test","why":"`+tc.why+`"`)
			require.True(t, c.Secret == "" || !strings.Contains(all, c.Secret))
		})
	}
	require.NotEqual(t, f.sent[1].ID, f.sent[2].ID, "each roll has an entry")
	require.Equal(t, f.sent[3].ID, f.sent[4].ID, "a revocation has one")
}

// TestNoActWithoutItsEntry: the audit queue is away.
func TestNoActWithoutItsEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.away = true
	before, err := f.clients.Client(t.Context(), f.id)
	require.NoError(t, err)
	for _, r := range []struct{ method, path, body string }{
		{http.MethodPost, "/clients", `{"role":"clerk"}`},
		{http.MethodPost, "/clients/" + f.id + "/roll", `{}`},
		{http.MethodDelete, "/clients/" + f.id, ""},
	} {
		status, _ := f.as(t, caller.Admin, "merchant-123", r.method, r.path, r.body)
		require.Equal(t, http.StatusServiceUnavailable, status)
	}
	all, _, err := f.clients.Clients(t.Context(), "merchant-123", "", 100)
	require.NoError(t, err)
	require.Len(t, all, 1)
	after, err := f.clients.Client(t.Context(), f.id)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestRefusedTokensAreCounted: a wrong secret, and one request too many. A malformed one is no
// refusal of a caller.
func TestRefusedTokensAreCounted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, counted := telemetrytest.Record(t)
	ask := func(form, secret string) map[string]float64 {
		httpapi.Invoke(ctx, f.router().Handler(), f.post(form, basic(f.id, secret)))
		return counted()
	}
	refusals := func(reason string) string { return metric.SecurityRefusals + "{reason=" + reason + "}" }
	require.NotContains(t, ask(grant, f.secret), refusals("credentials"))
	require.InDelta(t, 1, ask(grant, "wrong")[refusals("credentials")], 0)
	require.NotContains(t, ask("grant_type=password", f.secret), refusals("credentials"))
	for range limit.PerClient().Rate.Burst - 2 {
		require.NotContains(t, ask(grant, f.secret), refusals("rate"))
	}
	require.InDelta(t, 1, ask(grant, f.secret)[refusals("rate")], 0)
}
