//go:build integration

package iam_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// grants are the statements of the golden template's policies, by function.
type grants map[string][]statement

type statement struct {
	actions   []string
	resources string // the JSON of them; it holds the logical ids
}

func readGrants(t *testing.T) grants {
	t.Helper()
	text, err := os.ReadFile("../../infra/testdata/InvoChain-Service.json")
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Roles          []struct{ Ref string }
				PolicyDocument struct {
					Statement []struct {
						Effect           string
						Action, Resource json.RawMessage
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &template))
	g := grants{}
	for _, r := range template.Resources {
		if r.Type != "AWS::IAM::Policy" {
			continue
		}
		function, _, ok := strings.Cut(r.Properties.Roles[0].Ref, "ServiceRole")
		if !ok {
			continue // the state machine's
		}
		for _, s := range r.Properties.PolicyDocument.Statement {
			require.Equal(t, "Allow", s.Effect)
			g[function] = append(g[function], statement{list(t, s.Action), string(s.Resource)})
		}
	}
	require.NotEmpty(t, g)
	return g
}

// list reads an action, or a list of them.
func list(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var all []string
	require.NoError(t, json.Unmarshal(raw, &all))
	return all
}

// allow reports whether a function may do an action on a resource, which the beginning of its
// logical id names.
func (g grants) allow(function, action, resource string) bool {
	for _, s := range g[function] {
		for _, a := range s.actions {
			if a == action && strings.Contains(s.resources, resource) {
				return true
			}
		}
	}
	return false
}

// TestGrantsOfTheTemplate: what follows from them must not be true of nothing.
func TestGrantsOfTheTemplate(t *testing.T) {
	t.Parallel()
	g := readGrants(t)
	for function := range g {
		for _, table := range []string{"PlatformTable", "InvoicesTable", "InventoryTable", "AuditTable"} {
			require.False(t, g.allow(function, "dynamodb:Scan", table), function)
			require.Equal(t, function == "DeleteInvoice" && table == "InvoicesTable" ||
				function == "ServeApi" && table == "PlatformTable",
				g.allow(function, "dynamodb:DeleteItem", table), "%s %s", function, table)
		}
		require.False(t, g.allow(function, "dynamodb:UpdateItem", "AuditTable"), function)
		require.Equal(t, function == "LogAudit" || function == "SealAudit", // each its own partitions
			g.allow(function, "dynamodb:PutItem", "AuditTable"), function)
	}
	require.False(t, g.allow("LogAudit", "dynamodb:GetItem", "InvoicesTable"))
	require.True(t, g.allow("ServeApi", "dynamodb:GetItem", "InvoicesTable"))
	// No flow stalls a commit until its compensation, which then has an invoice to delete.
	require.True(t, g.allow("DeleteInvoice", "dynamodb:ConditionCheckItem", "PlatformTable"))
	require.True(t, g.allow("DeleteInvoice", "dynamodb:DeleteItem", "InvoicesTable"))
}
