package contract_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/contract"
)

func TestDescriptionIsValid(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"POST /invoices", "POST /invoices/preview", "POST /invoices/{id}/cancellation", "GET /invoices",
		"GET /invoices/{id}", "GET /invoices/{id}/receipt", "HEAD /invoices/{id}/receipt",
		"GET /audit", "HEAD /audit", "GET /audit/key", "HEAD /audit/key", "GET /sagas", "GET /sagas/{id}",
		"GET /merchants/{id}", "PUT /merchants/{id}", "GET /inventory", "GET /inventory/{sku}", "PUT /inventory/{sku}",
		"POST /inventory/{sku}/movements", "GET /clients", "HEAD /clients", "POST /clients", "DELETE /clients/{id}",
		"POST /clients/{id}/roll", "POST /subjects/exports", "GET /subjects/exports/{id}", "HEAD /subjects/exports/{id}",
		"POST /erasures", "GET /erasures/{id}", "HEAD /erasures/{id}", "GET /holds",
		"HEAD /holds", "PUT /holds/{id}", "DELETE /holds/{id}",
		"GET /health", "GET /health/ready", "GET /openapi.json",
		"POST /oauth/token", "GET /.well-known/jwks.json", "GET /.well-known/oauth-authorization-server",
		"GET /.well-known/document-keys.json", "HEAD /.well-known/document-keys.json",
		"HEAD /.well-known/jwks.json", "HEAD /.well-known/oauth-authorization-server",
		"HEAD /invoices", "HEAD /invoices/{id}", "HEAD /sagas", "HEAD /sagas/{id}", "HEAD /merchants/{id}",
		"HEAD /inventory", "HEAD /inventory/{sku}", "HEAD /health", "HEAD /health/ready", "HEAD /openapi.json",
	}, doc.Operations())
}

func TestCheckRejectsUndescribedResponses(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	header := func(kind string) http.Header { return http.Header{"Content-Type": {kind}} }
	problem := func(code string) string {
		return fmt.Sprintf(`{"type":"urn:invochain:problem:%s","title":"Not Found","status":404,"detail":"x","code":%q,`+
			`"request_id":"r","retryable":false}`, code, code)
	}
	notFound := problem("route_not_found")
	for name, tc := range map[string]struct {
		method, path string
		status       int
		kind, body   string
		ok           bool
	}{
		"health":               {"GET", "/health", 200, "application/json", `{"status":"ok"}`, true},
		"a wrong value":        {"GET", "/health", 200, "application/json", `{"status":"fine"}`, false},
		"an extra field":       {"GET", "/health", 200, "application/json", `{"status":"ok","x":1}`, false},
		"a missing field":      {"GET", "/merchants/m", 200, "application/json", `{"id":"m"}`, false},
		"another status":       {"GET", "/health", 418, "application/json", `{"status":"ok"}`, false},
		"another content type": {"GET", "/health", 200, "text/plain", `ok`, false},
		"not modified":         {"GET", "/health", 304, "", ``, true},
		"headers alone":        {"HEAD", "/health", 200, "application/json", ``, true},
		"headers and a body":   {"HEAD", "/health", 200, "application/json", `{"status":"ok"}`, false},
		"a problem, no body":   {"HEAD", "/nope", 404, "application/problem+json", ``, true},
		"a problem":            {"GET", "/invoices/x", 404, "application/problem+json", notFound, true},
		"unknown route":        {"GET", "/nope", 404, "application/problem+json", notFound, true},
		"unknown, but JSON":    {"GET", "/nope", 404, "application/json", notFound, false},
		"unknown code":         {"GET", "/nope", 404, "application/problem+json", problem("x"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := doc.Check(t.Context(), tc.method, tc.path, tc.status, header(tc.kind), []byte(tc.body))
			require.Equal(t, tc.ok, err == nil, "%v", err)
		})
	}
}

// TestPathsWithAParameterMayNotBeFound: a parameter may hold a slash, which some gateways decode, so that
// the path is none of the API.
func TestPathsWithAParameterMayNotBeFound(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	header := http.Header{"Content-Type": {"application/problem+json"}}
	const problem = `{"type":"urn:invochain:problem:route_not_found","title":"Not Found","status":404,"detail":"x",` +
		`"code":"route_not_found","request_id":"r","retryable":false}`
	for _, operation := range doc.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		if method != http.MethodHead && strings.Contains(path, "{") {
			path = regexp.MustCompile(`{\w+}`).ReplaceAllString(path, "x")
			require.NoError(t, doc.Check(t.Context(), method, path, http.StatusNotFound, header, []byte(problem)), operation)
		}
	}
}
