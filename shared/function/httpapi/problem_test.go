package httpapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

func TestProblemCarriesExtensions(t *testing.T) {
	t.Parallel()
	r := httpapi.Problem(&problem.Error{
		Kind: problem.Unavailable, Code: "not_ready", Message: "a dependency does not respond", Retryable: true,
		Extensions: map[string]any{"checks": []string{"audit_queue"}}, Cause: errors.New("secret"),
	}, "req-1")
	require.Equal(t, http.StatusServiceUnavailable, r.Status)
	require.Equal(t, map[string]string{"Content-Type": "application/problem+json"}, r.Header)
	var body map[string]any
	require.NoError(t, json.Unmarshal(r.Body, &body))
	require.Equal(t, map[string]any{
		"type": "urn:invochain:problem:not_ready", "title": "Service Unavailable", "status": 503.0,
		"detail": "a dependency does not respond", "code": "not_ready", "request_id": "req-1", "retryable": true,
		"checks": []any{"audit_queue"},
	}, body)
}
