package main

import (
	"encoding/json"
	"net/http"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	waf "github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

// Limits of the firewall, in requests a second. The load budget is 80 a second by one client,
// several clients may share an address, and the stage throttles at 500.
const (
	clientRate  = 100
	addressRate = 200
	rateWindow  = 60 // seconds over which the firewall counts; a client waits for as long
)

// Custom answers of the firewall.
const (
	tooManyRequests = "too-many-requests"
	tooLarge        = "too-large"
)

// newFirewall puts a web application firewall before the API. What blocks a request that may
// succeed later answers as the API does when it throttles. What the common rules block is
// answered by the gateway, by its response for WAF_FILTERED.
func newFirewall(stack awscdk.Stack, api *api, cell string) {
	credential := []any{map[string]any{"header": map[string]any{
		"name": "authorization", "textTransformations": unchanged(),
	}}}
	acl := waf.NewCfnWebACL(stack, jsii.String("Firewall"), &waf.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &waf.CfnWebACL_DefaultActionProperty{Allow: &waf.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visible(inCell(cell, "invochain")),
		CustomResponseBodies: map[string]any{
			tooManyRequests: problemBody(http.StatusTooManyRequests, "throttled", "too many requests", true),
			tooLarge:        problemBody(http.StatusRequestEntityTooLarge, "body_too_large", "the body is too large", false),
		},
		// Sampled requests and the details of rate rules would show credentials.
		DataProtectionConfig: map[string]any{"dataProtections": []any{map[string]any{
			"action": "SUBSTITUTION",
			"field":  map[string]any{"fieldType": "SINGLE_HEADER", "fieldKeys": []any{"authorization"}},
		}}},
		Rules: []any{
			rateRule("address-rate", 0, waf.CfnWebACL_RateBasedStatementProperty{
				AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(addressRate * rateWindow),
			}),
			// A client with a token has a rate of its own; a signature differs in each request, so
			// clients that sign share the rate of their address.
			rateRule("client-rate", 1, waf.CfnWebACL_RateBasedStatementProperty{
				AggregateKeyType: jsii.String("CUSTOM_KEYS"), CustomKeys: credential, Limit: jsii.Number(clientRate * rateWindow),
			}),
			largeBodyRule(2),
			commonRules(3),
		},
	})
	waf.NewCfnWebACLAssociation(stack, jsii.String("FirewallOfApi"), &waf.CfnWebACLAssociationProps{
		ResourceArn: api.DeploymentStage().StageArn(), WebAclArn: acl.AttrArn(),
	})
}

// rateRule blocks a client while it exceeds a rate.
func rateRule(
	name string, priority float64, rate waf.CfnWebACL_RateBasedStatementProperty,
) *waf.CfnWebACL_RuleProperty {
	rate.EvaluationWindowSec = jsii.Number(rateWindow)
	return &waf.CfnWebACL_RuleProperty{
		Name: &name, Priority: &priority, VisibilityConfig: visible(name),
		Action: block(http.StatusTooManyRequests, tooManyRequests, &waf.CfnWebACL_CustomHTTPHeaderProperty{
			Name: jsii.String("Retry-After"), Value: jsii.String("60"), // rateWindow
		}),
		Statement: &waf.CfnWebACL_StatementProperty{RateBasedStatement: &rate},
	}
}

// largeBodyRule blocks a Content-Length above strictjson.MaxBody, 1,000,000 bytes. The firewall
// reads only the first 16 KB of a body, so it cannot measure one. The functions check each body.
func largeBodyRule(priority float64) *waf.CfnWebACL_RuleProperty {
	length := map[string]any{"singleHeader": map[string]any{"Name": "content-length"}}
	sevenDigits := map[string]any{"regexMatchStatement": map[string]any{
		"fieldToMatch": length, "textTransformations": unchanged(), "regexString": "^0*[1-9][0-9]{6,}$",
	}}
	limit := map[string]any{"byteMatchStatement": map[string]any{
		"fieldToMatch": length, "textTransformations": unchanged(),
		"positionalConstraint": "EXACTLY", "searchString": "1000000",
	}}
	return &waf.CfnWebACL_RuleProperty{
		Name: jsii.String("large-body"), Priority: &priority, VisibilityConfig: visible("large-body"),
		Action: block(http.StatusRequestEntityTooLarge, tooLarge),
		Statement: map[string]any{"andStatement": map[string]any{"statements": []any{
			sevenDigits, map[string]any{"notStatement": map[string]any{"statement": limit}},
		}}},
	}
}

// commonRules returns AWS's common rule set. Its rules about bodies only count: the text of an
// invoice may look like an attack on a web page, and the functions parse strictly. So do those
// about User-Agent, which machines need not send, and about endings of paths, since a SKU may
// have one.
func commonRules(priority float64) *waf.CfnWebACL_RuleProperty {
	var counted []any
	for _, name := range []string{
		"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
		"NoUserAgent_HEADER", "RestrictedExtensions_URIPATH",
	} {
		counted = append(counted, &waf.CfnWebACL_RuleActionOverrideProperty{
			Name: &name, ActionToUse: &waf.CfnWebACL_RuleActionProperty{Count: map[string]any{}},
		})
	}
	return &waf.CfnWebACL_RuleProperty{
		Name: jsii.String("common"), Priority: &priority, VisibilityConfig: visible("common"),
		OverrideAction: &waf.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
		Statement: &waf.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &waf.CfnWebACL_ManagedRuleGroupStatementProperty{
				VendorName: jsii.String("AWS"), Name: jsii.String("AWSManagedRulesCommonRuleSet"), RuleActionOverrides: counted,
			},
		},
	}
}

func block(status float64, body string, headers ...any) *waf.CfnWebACL_RuleActionProperty {
	custom := &waf.CfnWebACL_CustomResponseProperty{ResponseCode: &status, CustomResponseBodyKey: &body}
	if len(headers) > 0 {
		custom.ResponseHeaders = headers
	}
	return &waf.CfnWebACL_RuleActionProperty{Block: &waf.CfnWebACL_BlockActionProperty{CustomResponse: custom}}
}

// problemBody returns a problem document. The firewall has no variables, so its request id is
// empty, and no content type for problems.
func problemBody(status int, code, detail string, retryable bool) map[string]any {
	content, err := json.Marshal(map[string]any{
		"type": "urn:invochain:problem:" + code, "title": http.StatusText(status), "status": status,
		"code": code, "detail": detail, "request_id": "", "retryable": retryable,
	})
	if err != nil {
		panic(err) // strings, a number and a bool
	}
	return map[string]any{"contentType": "APPLICATION_JSON", "content": string(content)}
}

func unchanged() []any { return []any{map[string]any{"priority": 0, "type": "NONE"}} }

func visible(name string) *waf.CfnWebACL_VisibilityConfigProperty {
	return &waf.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: true, MetricName: jsii.String(name), SampledRequestsEnabled: true,
	}
}
