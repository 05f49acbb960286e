package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/tests/contract"
)

// fixture is a handler with one clerk.
type fixture struct {
	handler

	doc        *contract.Document
	id, secret string
	err        error // of every token
	sent       []events.Act
	away       bool // the audit queue
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := dynamotest.Client(t)
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	store := caller.NewStore(db, dynamotest.Tables(t, db).Keys, now)
	c, secret, err := store.CreateClient(t.Context(), caller.NewClient("merchant-123", caller.Clerk), caller.Test)
	require.NoError(t, err)
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	f := &fixture{doc: doc, id: c.ID, secret: secret}
	f.handler = handler{
		acts:    caller.Acts{Queue: f, Now: now, Log: slog.New(slog.DiscardHandler)},
		clients: store, keys: store, tokens: f, issuer: "https://api.test/v1", mode: caller.Test, now: now,
		limits: limit.New(limit.Config{
			Policy: limit.PerClient(), Now: now, Settle: limit.NewStore(db, dynamotest.Tables(t, db).Limits, now).Settle,
		}),
		log: slog.New(slog.DiscardHandler),
	}
	return f
}

// Token implements tokens.
func (f *fixture) Token(_ context.Context, c caller.Client, scope string) (signing.Token, error) {
	if scope == "clients:write" {
		return signing.Token{}, signing.ErrScope
	}
	return signing.Token{
		Access: "token of " + c.Merchant, Expires: caller.TokenLife, Scopes: c.Role.Scopes(),
	}, f.err
}

// Send implements the audit queue.
func (f *fixture) Send(_ context.Context, group string, m any) error {
	act := *m.(events.AuditRequest).Act
	if f.away || act.MerchantID != group {
		return errors.New("the queue is away")
	}
	f.sent = append(f.sent, act)
	return nil
}

func (f *fixture) call(t *testing.T, e lambdaevents.APIGatewayProxyRequest) lambdaevents.APIGatewayProxyResponse {
	t.Helper()
	r := httpapi.Invoke(t.Context(), f.router().Handler(), e)
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	require.NoError(t, f.doc.Check(t.Context(), e.HTTPMethod, e.Path, r.StatusCode, header, []byte(r.Body)), r.Body)
	return r
}

// post asks for a token with a form.
func (f *fixture) post(form string, header map[string]string) lambdaevents.APIGatewayProxyRequest {
	h := map[string]string{"content-type": "application/x-www-form-urlencoded"}
	maps.Copy(h, header)
	return lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodPost, Path: grantPath, Headers: h, Body: form}
}

func basic(id, secret string) map[string]string {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
}

const grant = "grant_type=client_credentials"

func (f *fixture) inBody() string { return grant + "&client_id=" + f.id + "&client_secret=" + f.secret }

func TestToken(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, e := range map[string]lambdaevents.APIGatewayProxyRequest{
		"client_secret_basic":           f.post(grant, basic(f.id, f.secret)),
		"client_secret_post":            f.post(f.inBody(), nil),
		"Basic, and the same client_id": f.post(grant+"&client_id="+f.id, basic(f.id, f.secret)),
		"an unknown field is ignored":   f.post(f.inBody()+"&resource=x", nil),
		"a charset, and the scheme's case": f.post(grant, map[string]string{
			"Authorization": "b" + basic(f.id, f.secret)["Authorization"][1:],
			"content-type":  "application/x-www-form-urlencoded; charset=UTF-8",
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := f.call(t, e)
			require.Equal(t, http.StatusOK, r.StatusCode, r.Body)
			require.Equal(t, "no-store", r.Headers["Cache-Control"])
			require.JSONEq(t, `{"access_token":"token of merchant-123","token_type":"Bearer","expires_in":900,
				"scope":"invoices:read invoices:write sagas:read stock:read merchant:read"}`, r.Body)
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t)
	wrong := strings.Replace(f.secret, "ics_test_", "ics_live_", 1)
	inQuery := f.post(f.inBody(), nil)
	inQuery.QueryStringParameters = map[string]string{"client_secret": f.secret}
	asJSON := f.post(`{"grant_type":"client_credentials"}`, map[string]string{"content-type": "application/json"})
	for name, tc := range map[string]struct {
		e      lambdaevents.APIGatewayProxyRequest
		status int
		want   string
		says   string
	}{
		"no grant":           {f.post("a=b", nil), 400, "invalid_request", "grant_type is missing"},
		"another grant":      {f.post("grant_type=password", nil), 400, "unsupported_grant_type", ""},
		"a field twice":      {f.post(f.inBody()+"&scope=a&scope=b", nil), 400, "invalid_request", "once"},
		"no form":            {f.post("%zz", nil), 400, "invalid_request", "form-encoded"},
		"JSON":               {asJSON, 400, "invalid_request", "x-www-form-urlencoded"},
		"two methods":        {f.post(f.inBody(), basic(f.id, f.secret)), 400, "invalid_request", "one method"},
		"a secret in a URL":  {inQuery, 400, "invalid_request", "roll it"},
		"another's scope":    {f.post(f.inBody()+"&scope=clients:write", nil), 400, "invalid_scope", "invoices:read"},
		"no credentials":     {f.post(grant, nil), 401, "invalid_client", ""},
		"an empty secret":    {f.post(grant+"&client_id="+f.id+"&client_secret=", nil), 401, "invalid_client", ""},
		"an unknown client":  {f.post(grant, basic("cl_other", f.secret)), 401, "invalid_client", ""},
		"no client id":       {f.post(grant, basic("", f.secret)), 401, "invalid_client", ""},
		"a mistyped secret":  {f.post(grant, basic(f.id, f.secret[:64])), 401, "invalid_client", "mistyped"},
		"another mode":       {f.post(grant, basic(f.id, wrong)), 401, "invalid_client", "mistyped"},
		"two client ids":     {f.post(grant+"&client_id=cl_x", basic(f.id, f.secret)), 401, "invalid_client", ""},
		"Basic without pair": {f.post(grant, map[string]string{"Authorization": "Basic !"}), 401, "invalid_client", ""},
		"Bearer":             {f.post(grant, map[string]string{"Authorization": "Bearer x"}), 401, "invalid_client", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := f.call(t, tc.e)
			require.Equal(t, tc.status, r.StatusCode, r.Body)
			require.Equal(t, "no-store", r.Headers["Cache-Control"])
			var body refusal
			require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
			require.Equal(t, tc.want, body.Name)
			require.Contains(t, body.Description, tc.says)
			require.NotContains(t, r.Body, f.secret[9:], "an answer quotes no secret")
			challenged := tc.status == http.StatusUnauthorized && tc.e.Headers["Authorization"] != ""
			require.Equal(t, challenged, r.Headers["Www-Authenticate"] != "")
		})
	}
}

// TestRevokedClient: it is refused like one that does not exist.
func TestRevokedClient(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.clients.(*caller.Store).RevokeClient(t.Context(), f.id))
	require.Equal(t, http.StatusUnauthorized, f.call(t, f.post(f.inBody(), nil)).StatusCode)
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, f.err = range []error{signing.ErrNoKey, errors.New("KMS is away")} {
		r := f.call(t, f.post(f.inBody(), nil))
		require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
		require.Equal(t, "1", r.Headers["Retry-After"])
		require.NotContains(t, r.Body, "KMS")
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	f := setup(t)
	get := func(path string) string {
		r := f.call(t, lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: path})
		require.Equal(t, http.StatusOK, r.StatusCode)
		require.Equal(t, "public, max-age=300", r.Headers["Cache-Control"])
		return r.Body
	}
	require.JSONEq(t, `{"keys":[]}`, get(keySetPath), "no key yet")
	described := get("/.well-known/oauth-authorization-server")
	require.Contains(t, described, `"issuer":"https://api.test/v1"`)
	require.Contains(t, described, `"token_endpoint":"https://api.test/v1/oauth/token"`)
}

func TestRoutesAreDescribed(t *testing.T) {
	t.Parallel()
	require.NoError(t, setup(t).doc.CheckRoutes(handler{}.router().Routes))
}
