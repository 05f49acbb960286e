package main

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// firewall returns the rules of the web ACL by name, and its custom answers by key.
func firewall(t *testing.T) (rules map[string]map[string]any, answers map[string]any) {
	t.Helper()
	lists := resources(protectionStack, "AWS::WAFv2::WebACL")
	require.Len(t, lists, 1)
	rules = map[string]map[string]any{}
	for _, p := range lists {
		answers, _ = p["CustomResponseBodies"].(map[string]any)
		for _, r := range p["Rules"].([]any) {
			rule := r.(map[string]any)
			rules[rule["Name"].(string)] = rule
		}
	}
	return rules, answers
}

// answer returns the status, the headers and the problem that a rule answers with.
func answer(t *testing.T, name string) (status float64, headers []any, problem map[string]any) {
	t.Helper()
	rules, answers := firewall(t)
	require.Contains(t, rules, name)
	block := rules[name]["Action"].(map[string]any)["Block"].(map[string]any)
	custom := block["CustomResponse"].(map[string]any)
	body := answers[custom["CustomResponseBodyKey"].(string)].(map[string]any)
	require.Equal(t, "APPLICATION_JSON", body["ContentType"])
	require.NoError(t, json.Unmarshal([]byte(body["Content"].(string)), &problem))
	for _, field := range []string{"type", "title", "status", "detail", "code", "request_id", "retryable"} {
		require.Contains(t, problem, field)
	}
	require.Equal(t, custom["ResponseCode"], problem["status"])
	headers, _ = custom["ResponseHeaders"].([]any)
	return custom["ResponseCode"].(float64), headers, problem
}

// TestRateRulesAskToRetryLater: a client that obeys the answer sends its invoice again.
func TestRateRulesAskToRetryLater(t *testing.T) {
	for _, name := range []string{"client-rate", "address-rate"} {
		status, headers, problem := answer(t, name)
		require.EqualValues(t, 429, status, name)
		require.Equal(t, []any{map[string]any{"Name": "Retry-After", "Value": "60"}}, headers, name)
		require.Equal(t, "throttled", problem["code"], name)
		require.Equal(t, true, problem["retryable"], name)
	}
}

// TestRatesFitTheLoadBudget: a client sends up to 80 requests a second, and two clients may
// share an address. The stage takes 500 a second in all.
func TestRatesFitTheLoadBudget(t *testing.T) {
	rules, _ := firewall(t)
	perSecond := func(name, key string) float64 {
		require.Contains(t, rules, name)
		rate := rules[name]["Statement"].(map[string]any)["RateBasedStatement"].(map[string]any)
		require.Equal(t, key, rate["AggregateKeyType"])
		return rate["Limit"].(float64) / rate["EvaluationWindowSec"].(float64)
	}
	client, address := perSecond("client-rate", "CUSTOM_KEYS"), perSecond("address-rate", "IP")
	require.Greater(t, client, 80.0)
	require.GreaterOrEqual(t, address, 2*client)
	require.Less(t, address, 500.0)
	keys := rules["client-rate"]["Statement"].(map[string]any)["RateBasedStatement"].(map[string]any)["CustomKeys"]
	require.Equal(t, "authorization", keys.([]any)[0].(map[string]any)["Header"].(map[string]any)["Name"])
}

// TestFirewallDoesNotJudgeInvoices: an invoice may contain `../` or `<script`, a SKU may end in
// `.log`, and machines send no User-Agent.
func TestFirewallDoesNotJudgeInvoices(t *testing.T) {
	rules, _ := firewall(t)
	group := rules["common"]["Statement"].(map[string]any)["ManagedRuleGroupStatement"].(map[string]any)
	var counted []string
	for _, o := range group["RuleActionOverrides"].([]any) {
		override := o.(map[string]any)
		require.Contains(t, override["ActionToUse"], "Count")
		counted = append(counted, override["Name"].(string))
	}
	require.ElementsMatch(t, []string{
		"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
		"NoUserAgent_HEADER", "RestrictedExtensions_URIPATH",
	}, counted)
}

func TestFirewallBlocksLargeBodies(t *testing.T) {
	status, _, problem := answer(t, "large-body")
	require.EqualValues(t, 413, status)
	require.Equal(t, []any{"body_too_large", false}, []any{problem["code"], problem["retryable"]})

	rules, _ := firewall(t)
	both := rules["large-body"]["Statement"].(map[string]any)["AndStatement"].(map[string]any)["Statements"].([]any)
	many := both[0].(map[string]any)["RegexMatchStatement"].(map[string]any)
	limit := both[1].(map[string]any)["NotStatement"].(map[string]any)["Statement"].(map[string]any)["ByteMatchStatement"]
	require.Equal(t, "EXACTLY", limit.(map[string]any)["PositionalConstraint"])
	blocks := func(length string) bool {
		return regexp.MustCompile(many["RegexString"].(string)).MatchString(length) &&
			length != limit.(map[string]any)["SearchString"]
	}
	for length, blocked := range map[string]bool{
		"": false, "0": false, "262144": false, "999999": false, "1000000": false, "1000001": true, "10000000": true,
		"00000001": false, "0001000001": true,
	} {
		require.Equal(t, blocked, blocks(length), length)
	}
}

// TestFirewallKeepsNoCredentials: sampled requests and rate details show headers.
func TestFirewallKeepsNoCredentials(t *testing.T) {
	for _, p := range resources(protectionStack, "AWS::WAFv2::WebACL") {
		require.Equal(t, map[string]any{"DataProtections": []any{map[string]any{
			"Action": "SUBSTITUTION",
			"Field":  map[string]any{"FieldType": "SINGLE_HEADER", "FieldKeys": []any{"authorization"}},
		}}}, p["DataProtectionConfig"])
	}
}
