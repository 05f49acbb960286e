package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOperatorSecretRotatesMonthly: at once after the deployment, because what the template
// generates is the credential of no client.
func TestOperatorSecretRotatesMonthly(t *testing.T) {
	schedules := everywhere("AWS::SecretsManager::RotationSchedule")
	require.Len(t, schedules, 1)
	require.Len(t, everywhere("AWS::SecretsManager::Secret"), 1)
	for _, p := range schedules {
		require.Equal(t, true, p["RotateImmediatelyOnUpdate"])
		require.Equal(t, map[string]any{"AutomaticallyAfterDays": 30.0}, p["RotationRules"])
		require.Contains(t, fmt.Sprint(p["SecretId"]), "OperatorSecret")
		require.Contains(t, fmt.Sprint(p["RotationLambdaARN"]), "RotateKeys")
	}
	require.Empty(t, resources(dataStack, "AWS::SecretsManager::RotationSchedule"), "an emulator refuses it")
}

// TestOperatorSecretIsForRotateKeysAlone: no other function reads it, and rotate-keys no other secret.
func TestOperatorSecretIsForRotateKeysAlone(t *testing.T) {
	found := 0
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		for _, action := range stringList(s["Action"]) {
			if !strings.HasPrefix(action, "secretsmanager:") {
				continue
			}
			found++
			require.Contains(t, policy, "RotateKeys", action)
			require.Equal(t, map[string]any{
				"Fn::ImportValue": "InvoChain-Data:ExportsOutputFnGetAttOperatorSecretId7FFB3715",
			}, s["Resource"], action)
		}
	})
	require.Equal(t, 4, found)
	for id, p := range everywhere("AWS::Lambda::Permission") {
		if p["Principal"] == "secretsmanager.amazonaws.com" {
			require.Contains(t, fmt.Sprint(p["SourceArn"]), "OperatorSecret", id)
			require.Equal(t, map[string]any{"Ref": "AWS::AccountId"}, p["SourceAccount"], id)
		}
	}
}
