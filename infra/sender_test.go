package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// senders of a queue: functions, the state machine, and rules of the bus.
func senders() map[string][]string {
	return map[string][]string{
		"RequestsQueue":   {"CreateInvoice", "rule OrderCompleted"},
		"RequestsDLQ":     {"CreateInvoice"},
		"AuditQueue":      {"CreateInvoice", "IssueToken", "ManagePrivacy", "RecoverSagas", "ServeApi", "SettleSaga"},
		"AuditDLQ":        {"LogAudit"},
		"PublishQueue":    {"CreateInvoice", "LogAudit", "SettleSaga"},
		"PublishDLQ":      {"PublishEvent"},
		"InventoryQueue":  {"rule InvoiceCreated"},
		"InventoryDLQ":    {"ReserveInventory"},
		"CompensationDLQ": {"Cancel", "Compensate"},
		"UndeliveredDLQ":  {"rule InvoiceCreated", "rule OrderCompleted"},
	}
}

// TestSenders: what a queue's consumer may believe depends on who can send to it. The table
// lists every statement that allows it: of roles, and of the queues' own policies.
func TestSenders(t *testing.T) {
	found := map[string][]string{}
	for id := range everywhere("AWS::SQS::Queue") {
		found[named(id)] = []string{}
	}
	for _, p := range everywhere("AWS::IAM::Policy") {
		for _, role := range p["Roles"].([]any) {
			add(found, p, "", named(target(t, role)))
		}
		require.NotContains(t, p, "Users")
		require.NotContains(t, p, "Groups")
	}
	for _, p := range everywhere("AWS::SQS::QueuePolicy") {
		for _, queue := range p["Queues"].([]any) {
			add(found, p, named(target(t, queue)), "")
		}
	}
	for queue := range found {
		slices.Sort(found[queue])
	}
	require.Equal(t, senders(), found)
	for _, other := range []string{
		"AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy",
		"AWS::SQS::QueueInlinePolicy",
	} {
		require.Empty(t, everywhere(other), "it would allow what this test does not see")
	}
}

var (
	// sends matches what allows sqs:SendMessage.
	sends = regexp.MustCompile(`^(\*|sqs:(\*|S.*\*|SendMessage.*))$`)
	// suffix is what the CDK appends to the name of a resource.
	suffix = regexp.MustCompile(`(ServiceRole|Role)?(DefaultPolicy)?[0-9A-F]{8}$`)
)

func named(id string) string { return suffix.ReplaceAllString(id, "") }

// add records the queues that a policy's statements let a role send to; those of a queue's own
// policy let the rule in their condition send to this queue.
func add(found map[string][]string, policy map[string]any, queue, role string) {
	for _, s := range policy["PolicyDocument"].(map[string]any)["Statement"].([]any) {
		s := s.(map[string]any)
		if s["Effect"] != "Allow" || !slices.ContainsFunc(stringList(s["Action"]), sends.MatchString) {
			continue
		}
		if role == "" {
			found[queue] = append(found[queue], "rule "+sourceOf(s))
			continue
		}
		for _, r := range references(s["Resource"]) {
			found[named(r.target)] = append(found[named(r.target)], role)
		}
		if len(references(s["Resource"])) == 0 {
			found["*"] = append(found["*"], role)
		}
	}
}

// sourceOf returns the rule that a statement admits, or the statement if it admits anything else.
func sourceOf(s map[string]any) string {
	condition, _ := s["Condition"].(map[string]any)
	source, _ := condition["ArnEquals"].(map[string]any)
	from := references(source["aws:SourceArn"])
	principal, _ := s["Principal"].(map[string]any)
	if len(from) != 1 || principal["Service"] != "events.amazonaws.com" {
		text, _ := json.Marshal(s)
		return string(text)
	}
	return named(from[0].target)
}

// target returns the only resource that a value refers to.
func target(t *testing.T, v any) string {
	t.Helper()
	refs := references(v)
	require.Len(t, refs, 1)
	return refs[0].target
}

// TestRulesNameTheMerchant: a merchant's many events do not delay those of others, and the rule
// sends whole events only to a version that reads them.
func TestRulesNameTheMerchant(t *testing.T) {
	groups := map[string]any{}
	for id, r := range resources(serviceStack, "AWS::Events::Rule") {
		for _, to := range r["Targets"].([]any) {
			to := to.(map[string]any)
			if refs := references(to["Arn"]); len(refs) == 1 && strings.Contains(refs[0].target, "Queue") {
				parameters, _ := to["SqsParameters"].(map[string]any)
				groups[named(id)] = parameters["MessageGroupId"]
				require.NotContains(t, to, "InputPath")
			}
		}
	}
	require.Equal(t, map[string]any{
		"OrderCompleted": "$.detail.invoice.seller_merchant_id", "InvoiceCreated": "$.detail.merchant_id",
	}, groups)
	for id, r := range app.templates[serviceStack]["Resources"].(map[string]any) {
		if named(id) == "OrderCompleted" {
			require.Equal(t, "CreateInvoiceLive", named(stringList(r.(map[string]any)["DependsOn"])[0]))
		}
	}
}
