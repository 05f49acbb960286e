package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCallersReachAliases: nothing refers to a function but its versions, its alias, and alarms on all
// its versions. So no mapping, rule, route, state machine, grant or output bypasses the alias.
func TestCallersReachAliases(t *testing.T) {
	exported := exportedFunctions()
	found := 0
	for stack, template := range app.templates {
		for id, r := range template["Resources"].(map[string]any) {
			resource := r.(map[string]any)
			for _, ref := range references(resource["Properties"]) {
				_, own := resources(serviceStack, "AWS::Lambda::Function")[ref.target]
				if imported := ref.imported && slices.Contains(exported, ref.target); !own && !imported {
					continue
				}
				found++
				require.Contains(t, []string{
					"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CloudWatch::Alarm",
				}, resource["Type"], "%s: %s refers to %s", stack, id, ref.target)
			}
		}
	}
	require.GreaterOrEqual(t, found, 2*len(timeLimits()))
	for _, o := range []string{
		"ReserveInventoryFunction", "ReleaseInventoryFunction", "CreateInvoiceFunction", "RecoverSagasFunction",
		"RotateKeysFunction", "SealAuditFunction",
	} {
		output := app.templates[serviceStack]["Outputs"].(map[string]any)[o].(map[string]any)
		require.Regexp(t, `Live[0-9A-F]{8}\]+ :live\]`, fmt.Sprint(output["Value"]), o)
	}
}

// exportedFunctions returns the names under which the service stack exports functions.
func exportedFunctions() []string {
	var names []string
	for _, o := range app.templates[serviceStack]["Outputs"].(map[string]any) {
		output := o.(map[string]any)
		export, is := output["Export"].(map[string]any)
		for _, ref := range references(output["Value"]) {
			if _, function := resources(serviceStack, "AWS::Lambda::Function")[ref.target]; is && function {
				names = append(names, export["Name"].(string))
			}
		}
	}
	return names
}

// TestVersionsAreRetained: each function has one version, which its alias names, and which stays
// when the next deployment replaces it.
func TestVersionsAreRetained(t *testing.T) {
	functions := resources(serviceStack, "AWS::Lambda::Function")
	aliases := resources(serviceStack, "AWS::Lambda::Alias")
	require.Len(t, functions, len(timeLimits()))
	require.Len(t, aliases, len(functions))
	for id, p := range aliases {
		require.Equal(t, liveAlias, p["Name"], id)
		require.NotContains(t, p, "RoutingConfig", "weights belong to a release in progress")
		version := target(t, p["FunctionVersion"])
		resource := app.templates[serviceStack]["Resources"].(map[string]any)[version].(map[string]any)
		require.Equal(t, "AWS::Lambda::Version", resource["Type"], id)
		require.Equal(t, "Retain", resource["DeletionPolicy"], id)
		require.Equal(t, "Retain", resource["UpdateReplacePolicy"], id)
		of := target(t, resource["Properties"].(map[string]any)["FunctionName"])
		require.Equal(t, of, target(t, p["FunctionName"]), id)
		require.True(t, strings.HasPrefix(id, named(of)+"Live"), id)
	}
}
