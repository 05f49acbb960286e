package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/metric"
)

// TestAdministrativeActsAreLogged: each names its actor, its object and why, and no secret. An act
// that is refused is none.
func TestAdministrativeActsAreLogged(t *testing.T) {
	f := setup(t)
	path := "/clients/" + f.id
	for _, tc := range []struct{ method, path, body, act, why string }{
		{http.MethodPost, "/clients", `{"role":"clerk","reason":"a shop"}`, "create client", "a shop"},
		{http.MethodPost, "/clients", `{"role":"operator","reason":"x"}`, "", ""},
		{http.MethodPost, path + "/roll", `{"reason":"leaked"}`, "roll secret", "leaked"},
		{http.MethodPost, path + "/roll", "", "", ""},
		{http.MethodDelete, "/clients/cl_other", "", "", ""},
		{http.MethodDelete, path, "", "revoke client", ""},
	} {
		t.Run(tc.method+tc.path+tc.body, func(t *testing.T) {
			var log bytes.Buffer
			f.log = slog.New(slog.NewJSONHandler(&log, nil))
			status, c := f.as(t, caller.Admin, "merchant-123", tc.method, tc.path, tc.body)
			if tc.act == "" {
				require.GreaterOrEqual(t, status, http.StatusBadRequest)
				require.NotContains(t, log.String(), "administrative act")
				return
			}
			var line struct{ Msg, Act, Object, Actor, Why string }
			all := log.String()
			require.NoError(t, json.NewDecoder(&log).Decode(&line), all)
			require.Equal(t, []string{"administrative act", tc.act, tc.why}, []string{line.Msg, line.Act, line.Why})
			require.Contains(t, []string{c.ID, f.id}, line.Object)
			require.Equal(t, "cl_test", line.Actor)
			require.True(t, c.Secret == "" || !strings.Contains(all, c.Secret))
		})
	}
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
