package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// No emulator throttles, and what one refuses by itself is not worded by these
// templates: so the templates are read here.
func TestGatewayRefusalsAreProblems(t *testing.T) {
	refusals := map[string]bool{}
	for id, p := range resources("InvoChain-Service", "AWS::ApiGateway::GatewayResponse") {
		body, there := p["ResponseTemplates"].(map[string]any)["application/problem+json"].(string)
		require.True(t, there, id)
		var problem map[string]any
		filled := strings.NewReplacer("$context.error.messageString", `"Refused"`, "$context.requestId", "r-1").Replace(body)
		require.NoError(t, json.Unmarshal([]byte(filled), &problem), filled)
		for _, field := range []string{"type", "title", "code", "detail", "request_id", "retryable"} {
			require.Contains(t, problem, field, id)
		}
		refusals[p["ResponseType"].(string)] = problem["retryable"].(bool)
	}
	require.Equal(t, map[string]bool{
		"THROTTLED": true, "INTEGRATION_TIMEOUT": true, "INTEGRATION_FAILURE": true, "DEFAULT_5XX": true,
		"REQUEST_TOO_LARGE": false, "DEFAULT_4XX": false,
	}, refusals)
}

func TestTheAPIIsThrottled(t *testing.T) {
	for id, p := range resources("InvoChain-Service", "AWS::ApiGateway::Stage") {
		every := p["MethodSettings"].([]any)[0].(map[string]any)
		require.Equal(t, []any{"*", "/*"}, []any{every["HttpMethod"], every["ResourcePath"]}, id)
		require.EqualValues(t, 500, every["ThrottlingRateLimit"], id)
		require.EqualValues(t, 1000, every["ThrottlingBurstLimit"], id)
	}
}
