package contract_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/contract"
)

func TestDescriptionIsValid(t *testing.T) {
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"POST /invoices", "GET /invoices", "GET /invoices/{id}", "GET /sagas/{id}",
		"GET /merchants/{id}", "PUT /merchants/{id}", "GET /inventory/{sku}", "PUT /inventory/{sku}",
		"GET /health", "GET /health/ready", "GET /openapi.json",
	}, doc.Operations())
}

func TestCheckRefusesWhatIsNotDescribed(t *testing.T) {
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	header := func(kind string) http.Header { return http.Header{"Content-Type": {kind}} }
	problem := `{"type":"urn:invochain:problem:route_not_found","title":"Not Found","status":404,"detail":"x","code":"route_not_found","request_id":"r","retryable":false}`
	for name, tc := range map[string]struct {
		method, path string
		status       int
		kind, body   string
		ok           bool
	}{
		"health":               {"GET", "/health", 200, "application/json", `{"status":"ok"}`, true},
		"a wrong value":        {"GET", "/health", 200, "application/json", `{"status":"fine"}`, false},
		"a field too many":     {"GET", "/health", 200, "application/json", `{"status":"ok","x":1}`, false},
		"a field too few":      {"GET", "/merchants/m", 200, "application/json", `{"id":"m"}`, false},
		"another status":       {"GET", "/health", 418, "application/json", `{"status":"ok"}`, false},
		"another content type": {"GET", "/health", 200, "text/plain", `ok`, false},
		"a problem":            {"GET", "/invoices/x", 404, "application/problem+json", problem, true},
		"unknown route":        {"GET", "/nope", 404, "application/problem+json", problem, true},
		"unknown, but JSON":    {"GET", "/nope", 404, "application/json", problem, false},
		"unknown code":         {"GET", "/nope", 404, "application/problem+json", `{"type":"urn:invochain:problem:x","title":"","status":404,"detail":"","code":"x","request_id":"","retryable":false}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := doc.Check(t.Context(), tc.method, tc.path, tc.status, header(tc.kind), []byte(tc.body))
			require.Equal(t, tc.ok, err == nil, "%v", err)
		})
	}
}
