//go:build integration

package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// tenant is a merchant with one of everything, and a word that no answer to another may hold.
type tenant struct{ id, canary, invoice, saga, sku, client, erasure, export string }

// heldBuyer is a buyer without invoices, whom a hold covers.
const heldBuyer = `{"buyer_reference":"held"}`

// newTenant makes a tenant. Its canary is the SKU, a part of the merchant's name and of the
// invoice's number.
func (f *fixture) newTenant(t *testing.T, canary string) tenant {
	t.Helper()
	m := tenant{id: f.merchant(t, "advise"), canary: canary, sku: canary}
	f.stock(t, m.id, m.sku, 100)
	request := strings.Replace(sale(m.id, m.sku, 1), `"series":"S"`, `"invoice_number":"`+canary+`"`, 1)
	r := f.create(t, client.NewKey(), request)
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	m.invoice, m.saga = r.Field("id"), r.Field("saga_id")
	m.client = f.newClient(t, m, caller.Auditor).ID
	f.awaitSold(t, m.id, m.sku, m.saga)
	f.receiptOf(t, m.invoice, "")
	admin := f.as(t, m.id)
	r = admin.call(t, http.MethodPost, "/erasures", []byte(`{"subject":{"buyer_reference":"unknown"},"law":"gdpr"}`),
		"Content-Type", "application/json")
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	m.erasure = r.Field("id")
	r = admin.call(t, http.MethodPost, "/subjects/exports", []byte(`{"subject":`+heldBuyer+`}`),
		"Content-Type", "application/json")
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
	m.export = r.Field("id")
	r = admin.call(t, http.MethodPut, "/holds/"+canary, []byte(`{"reason":"an appeal","subject":`+heldBuyer+`}`),
		"Content-Type", "application/json")
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	return m
}

// awaitSold waits until a sale is completed and its stock booked, after which nothing changes.
func (f *fixture) awaitSold(t *testing.T, merchant, sku, sagaID string) {
	t.Helper()
	f.awaitState(t, sagaID, "COMPLETED")
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		level, err := f.Stock(t.Context(), merchant, sku)
		return level.Sold > 0, err
	}))
}

func (f *fixture) newClient(t *testing.T, m tenant, r caller.Role) stack.Credentials {
	t.Helper()
	id := m.id
	if r == caller.Operator {
		id = ""
	}
	c, secret, err := f.Operator.Callers.CreateClient(t.Context(), caller.NewClient(id, r), caller.Test)
	require.NoError(t, err)
	return stack.Credentials{ID: c.ID, Secret: secret}
}

// operation makes a request for a tenant's record. Another's is 403 where the request names the
// merchant, 404 where it names a record.
type operation struct {
	path, body string
	others     int
}

// operations returns the requests of every operation that needs a scope.
func (f *fixture) operations(t *testing.T, m tenant) map[string]operation {
	t.Helper()
	byID, named := http.StatusNotFound, http.StatusForbidden
	query := "?merchant_id=" + m.id
	profile := fmt.Sprintf(`{"name":"Test Traders","gstin":%q,"compliance":"advise"}`, registration.GSTIN("27", m.id))
	all := map[string]operation{
		"POST /invoices":         {"/invoices", numbered(m.id, "A-"+client.NewKey()[:8]), named},
		"POST /invoices/preview": {"/invoices/preview", numbered(m.id, "A-1"), named},
		"GET /invoices":          {"/invoices" + query, "", named},
		"GET /invoices/{id}":     {"/invoices/" + m.invoice, "", byID},
		"POST /invoices/{id}/cancellation": {
			"/invoices/" + m.invoice + "/cancellation", `{"reason":"duplicate"}`, byID,
		},
		"GET /invoices/{id}/receipt":      {"/invoices/" + m.invoice + "/receipt", "", byID},
		"GET /audit":                      {"/audit" + query + "&period=2025-11", "", named},
		"GET /sagas":                      {"/sagas" + query, "", named},
		"GET /sagas/{id}":                 {"/sagas/" + m.saga, "", byID},
		"GET /merchants/{id}":             {"/merchants/" + m.id, "", byID},
		"PUT /merchants/{id}":             {"/merchants/" + m.id, profile, byID},
		"GET /inventory":                  {"/inventory" + query, "", named},
		"GET /inventory/{sku}":            {"/inventory/" + m.sku + query, "", named},
		"PUT /inventory/{sku}":            {"/inventory/" + m.sku, `{"merchant_id":"` + m.id + `","on_hand":99}`, named},
		"POST /inventory/{sku}/movements": {"/inventory/" + m.sku + "/movements", movement(m.id), named},
		"GET /clients":                    {"/clients" + query, "", named},
		"POST /clients":                   {"/clients", `{"merchant_id":"` + m.id + `","role":"auditor"}`, named},
		"DELETE /clients/{id}":            {"/clients/" + m.client, "", byID},
		"POST /clients/{id}/roll":         {"/clients/" + m.client + "/roll", `{"old_expires_in":0}`, byID},
		"POST /erasures": {
			"/erasures", `{"merchant_id":"` + m.id + `","subject":{"phone":"9812345678"},"law":"dpdp"}`, named,
		},
		"GET /erasures/{id}": {"/erasures/" + m.erasure, "", byID},
		"POST /subjects/exports": {
			"/subjects/exports", `{"merchant_id":"` + m.id + `","subject":{"phone":"9812345678"}}`, named,
		},
		"GET /subjects/exports/{id}": {"/subjects/exports/" + m.export, "", byID},
		"GET /holds":                 {"/holds" + query, "", named},
		"PUT /holds/{id}": {
			"/holds/" + m.canary, `{"merchant_id":"` + m.id + `","reason":"an appeal","subject":` + heldBuyer + `}`, named,
		},
		"DELETE /holds/{id}": {"/holds/" + m.canary, "", byID},
	}
	for name, o := range all {
		if path, get := strings.CutPrefix(name, "GET "); get {
			all["HEAD "+path] = o
		}
	}
	return all
}

func movement(merchant string) string {
	return `{"merchant_id":"` + merchant + `","delta":1,"reason":"found"}`
}

// TestAccessMatrix: each operation, for each role and without a valid token, on the caller's own
// record and on another merchant's. A refusal changes nothing, and no answer holds another
// merchant's word.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	f := setup(t)
	own, other, visited := f.newTenant(t, "CANARY-OWN"), f.newTenant(t, "CANARY-OTHER"), f.newTenant(t, "CANARY-VISITED")
	before, cells := f.snapshot(t, other), 0
	for who, token := range f.tokens(t, own) {
		targets := []tenant{own, other}
		if who == string(caller.Operator) {
			targets = []tenant{own, visited} // whom it may change
		}
		for _, name := range f.doc.Operations() {
			method, pattern, _ := strings.Cut(name, " ")
			scope, err := f.doc.Scope(method, pattern)
			require.NoError(t, err)
			for _, m := range targets {
				if scope == httpapi.Public {
					continue
				}
				if m.id != other.id {
					m.client = f.newClient(t, m, caller.Clerk).ID // the one before it may be revoked
				}
				if m.id == own.id && strings.HasSuffix(pattern, "/cancellation") {
					// The one before is cancelled.
					r := f.as(t, m.id).create(t, client.NewKey(), numbered(m.id, "C-"+client.NewKey()[:8]))
					require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
					m.invoice = r.Field("id")
				}
				o, found := f.operations(t, m)[name]
				require.True(t, found, "the matrix lacks %s", name)
				r := f.sendAs(t, token, method, o)
				require.Equal(t, expected(caller.Role(who), scope, m.id == own.id, o), outcome(r.Status),
					"%s %s of %s: %d %s", who, name, m.canary, r.Status, r.Body)
				require.NotContains(t, string(r.Body), other.canary)
				cells++
			}
		}
	}
	t.Logf("%d cells", cells)
	require.Equal(t, before, f.snapshot(t, other))
}

// tokens returns an Authorization header of each role of a tenant, and of callers without a
// token in force.
func (f *fixture) tokens(t *testing.T, m tenant) map[string]string {
	t.Helper()
	all := map[string]string{"none": "", "malformed": "Bearer x", "expired": f.expired(t, m)}
	for _, role := range caller.Roles() {
		c := f.newClient(t, m, role)
		token, err := f.Stack.WithCredentials(c.ID, c.Secret).Token(t.Context())
		require.NoError(t, err)
		all[string(role)] = "Bearer " + token
	}
	return all
}

// expired returns a token that a key of the deployment signed, 20 minutes ago by its claims.
func (f *fixture) expired(t *testing.T, m tenant) string {
	t.Helper()
	then := time.Now().Add(-20 * time.Minute)
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	issued, err := signing.Issuer{
		Issuer: f.Vars(deployment.Issuer), Audience: caller.Audience, Now: func() time.Time { return then },
		Sign: signing.KMS{Client: kms.NewFromConfig(cfg)}.Sign,
		Known: func(ctx context.Context) (caller.Known, error) {
			known, err := f.Operator.Callers.Known(ctx)
			for i := range known.Keys {
				known.Keys[i].SignsFrom = then
			}
			return known, err
		},
	}.Token(t.Context(), caller.Client{ID: "cl_late", Merchant: m.id, Role: caller.Admin}, "")
	require.NoError(t, err)
	return "Bearer " + issued.Access
}

// sendAs sends an operation with an Authorization header, even an empty one, which the local
// gateway passes on. It waits where a merchant's rate is used up.
func (f *fixture) sendAs(t *testing.T, authorization, method string, o operation) client.Reply {
	t.Helper()
	for n := 0; ; n++ {
		r, err := f.Stack.Call(t.Context(), method, o.path, []byte(o.body), "Authorization", authorization,
			"Content-Type", "application/json", "Idempotency-Key", client.NewKey())
		require.NoError(t, err)
		if r.Status != http.StatusTooManyRequests {
			require.NoError(t, f.doc.Check(t.Context(), method, strings.Split(o.path, "?")[0], r.Status, r.Header, r.Body))
			return r
		}
		require.Less(t, n, 10)
		time.Sleep(r.RetryAfter())
	}
}

// expected is the outcome of an operation for a role; callers without one have no valid token.
func expected(role caller.Role, scope string, own bool, o operation) int {
	switch {
	case role.Scopes() == nil:
		return http.StatusUnauthorized
	case !slices.Contains(role.Scopes(), scope):
		return http.StatusForbidden
	case own || role == caller.Operator:
		return http.StatusOK
	default:
		return o.others
	}
}

// outcome is a status, and 200 for every success.
func outcome(status int) int {
	if status < http.StatusMultipleChoices {
		return http.StatusOK
	}
	return status
}

// snapshot is what a merchant has, in its own reading.
func (f *fixture) snapshot(t *testing.T, m tenant) (all []string) {
	t.Helper()
	for _, path := range []string{
		"/merchants/" + m.id, "/invoices?expand=document", "/inventory", "/clients", "/sagas/" + m.saga,
		"/holds", "/erasures/" + m.erasure,
	} {
		r := f.as(t, m.id).call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		all = append(all, string(r.Body))
	}
	return all
}
