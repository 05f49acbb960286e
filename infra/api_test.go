package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGatewayRefusalsAreProblems reads the templates, because no emulator throttles or uses
// these templates for its own errors.
func TestGatewayRefusalsAreProblems(t *testing.T) {
	retryable := map[string]bool{}
	for id, p := range resources(serviceStack, "AWS::ApiGateway::GatewayResponse") {
		body, ok := p["ResponseTemplates"].(map[string]any)["application/problem+json"].(string)
		require.True(t, ok, id)
		var problem map[string]any
		body = strings.NewReplacer("$context.error.messageString", `"Refused"`, "$context.requestId", "r-1").Replace(body)
		require.NoError(t, json.Unmarshal([]byte(body), &problem), body)
		for _, field := range []string{"type", "title", "code", "detail", "request_id", "retryable"} {
			require.Contains(t, problem, field, id)
		}
		if kind := p["ResponseType"].(string); !strings.HasPrefix(kind, "DEFAULT_") {
			require.Equal(t, p["StatusCode"], fmt.Sprint(problem["status"]), id)
		}
		retryable[p["ResponseType"].(string)] = problem["retryable"].(bool)
	}
	require.Equal(t, map[string]bool{
		"THROTTLED": true, "INTEGRATION_TIMEOUT": true, "INTEGRATION_FAILURE": true, "DEFAULT_5XX": true,
		"QUOTA_EXCEEDED": true, "REQUEST_TOO_LARGE": false, "WAF_FILTERED": false, "DEFAULT_4XX": false,
	}, retryable)
}

func TestStageIsThrottled(t *testing.T) {
	stages := resources(serviceStack, "AWS::ApiGateway::Stage")
	require.Len(t, stages, 1)
	for _, p := range stages {
		every := p["MethodSettings"].([]any)[0].(map[string]any)
		require.Equal(t, []any{"*", "/*"}, []any{every["HttpMethod"], every["ResourcePath"]})
		require.EqualValues(t, 500, every["ThrottlingRateLimit"])
		require.EqualValues(t, 1000, every["ThrottlingBurstLimit"])
	}
}

// TestRetryableGatewayErrorsHaveRetryAfter checks the errors that a client should retry soon.
func TestRetryableGatewayErrorsHaveRetryAfter(t *testing.T) {
	for _, p := range resources(serviceStack, "AWS::ApiGateway::GatewayResponse") {
		if kind := p["ResponseType"]; kind == "THROTTLED" || kind == "INTEGRATION_TIMEOUT" || kind == "INTEGRATION_FAILURE" {
			require.Equal(t, map[string]any{"gatewayresponse.header.Retry-After": "'1'"}, p["ResponseParameters"], kind)
		}
	}
}
