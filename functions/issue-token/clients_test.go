package main

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/merchant"
)

// registered knows one merchant beside the fixture's.
type registered struct{}

func (registered) Get(_ context.Context, id string) (merchant.Profile, error) {
	if id == "gone" {
		return merchant.Profile{}, merchant.NotFound()
	}
	return merchant.Profile{ID: id}, nil
}

// as sends a request with a JSON body as a client of a role.
func (f *fixture) as(t *testing.T, r caller.Role, merchantID, method, path, body string) (int, client) {
	t.Helper()
	f.guard, f.merchants = callertest.Guard(r, merchantID), registered{}
	answer := f.call(t, lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: method, Path: path, Body: body, Headers: map[string]string{"Content-Type": "application/json"},
	})
	var c client
	if answer.StatusCode < http.StatusBadRequest && answer.Body != "" {
		require.NoError(t, json.Unmarshal([]byte(answer.Body), &c))
	}
	return answer.StatusCode, c
}

func TestWhoCreatesClients(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		by         caller.Role
		of, body   string
		status     int
		merchantID string
	}{
		"an admin, its own":           {caller.Admin, "m", `{"role":"clerk"}`, 201, "m"},
		"an admin, named":             {caller.Admin, "m", `{"role":"admin","merchant_id":"m"}`, 201, "m"},
		"an admin, another's":         {caller.Admin, "m", `{"role":"clerk","merchant_id":"other"}`, 403, ""},
		"an admin, an operator":       {caller.Admin, "m", `{"role":"operator"}`, 422, ""},
		"an admin of a merchant gone": {caller.Admin, "gone", `{"role":"clerk"}`, 404, ""},
		"an operator, a merchant's":   {caller.Operator, "", `{"role":"admin","merchant_id":"n","reason":"new"}`, 201, "n"},
		"an operator, no merchant":    {caller.Operator, "", `{"role":"admin"}`, 400, ""},
		"an operator, an operator":    {caller.Operator, "", `{"role":"operator"}`, 201, ""},
		"an operator with a merchant": {caller.Operator, "", `{"role":"operator","merchant_id":"m"}`, 422, ""},
		"an unknown role":             {caller.Operator, "", `{"role":"root"}`, 422, ""},
		"no role":                     {caller.Admin, "m", `{}`, 422, ""},
		"an unknown field":            {caller.Admin, "m", `{"role":"clerk","scope":"x"}`, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			status, c := f.as(t, tc.by, tc.of, http.MethodPost, "/clients", tc.body)
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.merchantID, c.Merchant)
			if status != http.StatusCreated {
				return
			}
			require.True(t, caller.WellFormed(c.Secret))
			kept, err := f.clients.Client(t.Context(), c.ID)
			require.NoError(t, err)
			require.True(t, kept.Authentic(c.Secret, f.now()))
		})
	}
}

// TestClientsOfTwoMerchants: to another merchant a client does not exist; an operator sees all.
func TestClientsOfTwoMerchants(t *testing.T) {
	t.Parallel()
	f := setup(t) // with a client of merchant-123
	path := "/clients/" + f.id
	for _, r := range []struct{ method, path, body string }{
		{http.MethodPost, path + "/roll", `{}`}, {http.MethodDelete, path, ""},
	} {
		status, _ := f.as(t, caller.Admin, "other", r.method, r.path, r.body)
		require.Equal(t, http.StatusNotFound, status)
	}
	status, rolled := f.as(t, caller.Admin, "merchant-123", http.MethodPost, path+"/roll", `{"old_expires_in":0}`)
	require.Equal(t, http.StatusOK, status)
	kept, err := f.clients.Client(t.Context(), f.id)
	require.NoError(t, err)
	require.True(t, kept.Authentic(rolled.Secret, f.now()))
	require.False(t, kept.Authentic(f.secret, f.now()))
	for range 2 {
		status, _ = f.as(t, caller.Operator, "", http.MethodDelete, path, "")
		require.Equal(t, http.StatusNoContent, status, "may be repeated")
	}
	status, _ = f.as(t, caller.Admin, "merchant-123", http.MethodPost, path+"/roll", `{}`)
	require.Equal(t, http.StatusConflict, status)
}

func TestListClients(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, second := f.as(t, caller.Admin, "merchant-123", http.MethodPost, "/clients", `{"role":"auditor"}`)
	_, operator := f.as(t, caller.Operator, "", http.MethodPost, "/clients", `{"role":"operator"}`)
	list := func(r caller.Role, merchantID string, query map[string]string) (ids []string, next string) {
		f.guard = callertest.Guard(r, merchantID)
		answer := f.call(t, lambdaevents.APIGatewayProxyRequest{
			HTTPMethod: http.MethodGet, Path: "/clients", QueryStringParameters: query,
		})
		require.Equal(t, http.StatusOK, answer.StatusCode, answer.Body)
		var page struct {
			Clients []client
			Next    string `json:"next_cursor"`
		}
		require.NoError(t, json.Unmarshal([]byte(answer.Body), &page))
		for _, c := range page.Clients {
			require.Empty(t, c.Secret)
			ids = append(ids, c.ID)
		}
		return ids, page.Next
	}
	all, _ := list(caller.Admin, "merchant-123", nil)
	require.ElementsMatch(t, []string{f.id, second.ID}, all)
	named, _ := list(caller.Operator, "", map[string]string{"merchant_id": "merchant-123"})
	require.Equal(t, all, named)
	operators, _ := list(caller.Operator, "", nil)
	require.Equal(t, []string{operator.ID}, operators)
	none, _ := list(caller.Admin, "other", nil)
	require.Empty(t, none)
	first, next := list(caller.Admin, "merchant-123", map[string]string{"limit": "1"})
	rest, _ := list(caller.Admin, "merchant-123", map[string]string{"cursor": next})
	require.Equal(t, all, append(first, rest...))
}
