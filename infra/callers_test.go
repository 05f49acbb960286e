package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// authorizations returns how the API's methods authorize a caller, by logical id.
func (f fixture) authorizations(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for id, p := range f.resources(serviceStack, "AWS::ApiGateway::Method") {
		found[id], _ = p["AuthorizationType"].(string)
	}
	require.Greater(t, len(found), 10)
	return found
}

// TestNoMethodIsPublic holds what `cdk deploy --all` makes: each method asks for a signature
// of a principal of the account.
func TestNoMethodIsPublic(t *testing.T) {
	for id, authorization := range app.authorizations(t) {
		require.Equal(t, "AWS_IAM", authorization, id)
	}
	require.NotContains(t, restAPI(t, app), "Policy", "a resource policy could admit other accounts")
}

// TestMerchantsCallWithTokens: API Gateway passes their header on, to any account's deployment.
func TestMerchantsCallWithTokens(t *testing.T) {
	for id, authorization := range tokens.authorizations(t) {
		require.Equal(t, "NONE", authorization, id)
	}
	for _, stack := range tokens.stacks {
		require.NotEqual(t, emulatorAccount, *stack.Account(), *stack.StackName())
	}
}

// TestLocalDeploymentIsOpen holds that an open API can be deployed to an emulator's account
// alone: the CDK refuses a stack whose account is not that of its credentials.
func TestLocalDeploymentIsOpen(t *testing.T) {
	for id, authorization := range local.authorizations(t) {
		require.Equal(t, "NONE", authorization, id)
	}
	for _, stack := range local.stacks {
		require.Equal(t, "000000000000", *stack.Account(), *stack.StackName())
	}
}

func TestEdgeSpeaksTLS13Alone(t *testing.T) {
	for _, f := range []fixture{app, local} {
		p := restAPI(t, f)
		require.Equal(t, "SecurityPolicy_TLS13_1_3_2025_09", p["SecurityPolicy"])
		require.Equal(t, "STRICT", p["EndpointAccessMode"])
		require.Equal(t, map[string]any{"Types": []any{"REGIONAL"}}, p["EndpointConfiguration"])
	}
}

// restAPI returns the properties of the one REST API.
func restAPI(t *testing.T, f fixture) map[string]any {
	t.Helper()
	apis := f.resources(serviceStack, "AWS::ApiGateway::RestApi")
	require.Len(t, apis, 1)
	for _, p := range apis {
		return p
	}
	return nil
}
