package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wildcards lists each wildcard that a policy may have in a resource, with the actions that
// need it.
func wildcards() map[string]*regexp.Regexp {
	const withoutResources = `^(xray:(Put|Get)|logs:\w*LogDeliver|logs:PutResourcePolicy$|logs:Describe|kms:CreateKey$)`
	return map[string]*regexp.Regexp{
		"*":        regexp.MustCompile(withoutResources),
		"/index/*": regexp.MustCompile(`^dynamodb:`),          // indexes of one table
		"/*":       regexp.MustCompile(`^s3:(Get|Put)Object`), // objects of one bucket
		":key/*":   regexp.MustCompile(`^kms:`),               // with the tag of token keys
	}
}

// everywhere returns the resources of a type in all stacks, by logical id.
func everywhere(kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for stack := range app.templates {
		maps.Copy(found, resources(stack, kind))
	}
	return found
}

// statements calls check with each statement of the policies of a type.
func statements(kind string, check func(policy string, statement map[string]any)) {
	for id, p := range everywhere(kind) {
		for _, s := range p["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			check(id, s.(map[string]any))
		}
	}
}

// TestLeastPrivilege checks that no policy of a role allows all actions of a service, to scan
// a table or to write in bulk, and that it names its resources.
func TestLeastPrivilege(t *testing.T) {
	wild := regexp.MustCompile(`"([^"]*\*[^"]*)"`)
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		require.NotContains(t, s, "NotAction", policy)
		require.NotContains(t, s, "NotResource", policy)
		resource, err := json.Marshal(s["Resource"])
		require.NoError(t, err)
		for _, action := range stringList(s["Action"]) {
			require.NotRegexp(t, `\*|Scan|BatchWrite|PartiQL`, action, policy)
			for _, w := range wild.FindAllStringSubmatch(string(resource), -1) {
				require.Contains(t, wildcards(), w[1], policy)
				require.Regexp(t, wildcards()[w[1]], action, policy)
			}
		}
	})
}

// TestManagedPolicies: policies that AWS maintains change without us, so there are few.
func TestManagedPolicies(t *testing.T) {
	var attached []string
	for id, p := range everywhere("AWS::IAM::Role") {
		require.NotContains(t, p, "Policies", id)
		arns, err := json.Marshal(p["ManagedPolicyArns"])
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`policy/([\w/-]+)`).FindAllStringSubmatch(string(arns), -1) {
			attached = append(attached, name[1])
		}
	}
	require.Subset(t, []string{
		"service-role/AWSLambdaBasicExecutionRole", "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
		"service-role/AWSBackupServiceRolePolicyForBackup",
	}, attached)
}

// TestOthersMayOnlyTrigger: a queue or topic admits the rule that feeds it and refuses plain
// HTTP; a function is invoked by the API, a rule, the operator's secret and our own roles.
func TestOthersMayOnlyTrigger(t *testing.T) {
	for _, kind := range []string{"AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"} {
		refused := map[string]bool{}
		statements(kind, func(policy string, s map[string]any) {
			if s["Effect"] == "Deny" {
				require.Equal(t, map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}, s["Condition"], policy)
				refused[policy] = true
				return
			}
			require.Equal(t, map[string]any{"Service": "events.amazonaws.com"}, s["Principal"], policy)
			require.Contains(t, s["Condition"].(map[string]any)["ArnEquals"], "aws:SourceArn", policy)
		})
		require.Len(t, refused, len(everywhere(kind)))
		require.Len(t, refused, len(everywhere(strings.TrimSuffix(kind, "Policy"))))
	}
	for id, p := range everywhere("AWS::Lambda::Permission") {
		require.Contains(t, []string{
			"apigateway.amazonaws.com", "events.amazonaws.com", "secretsmanager.amazonaws.com",
		}, p["Principal"], id)
		require.Contains(t, p, "SourceArn", id)
	}
}

// TestOnlyBuyersKeysInTheKeysTable: functions that issue and show invoices reach no key that signs
// tokens, and no client, but for the query of what verifies tokens.
func TestOnlyBuyersKeysInTheKeysTable(t *testing.T) {
	bounded := map[string]bool{}
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		name := regexp.MustCompile(`^(CreateInvoice|ServeApi|ManagePrivacy|RecoverSagas)`).FindString(policy)
		actions := stringList(s["Action"])
		onKeys := strings.Contains(fmt.Sprint(s["Resource"]), "KeysTable") && !strings.HasPrefix(actions[0], "kms:")
		verifies := fmt.Sprint(actions) == "[dynamodb:Query]" && name != "RecoverSagas"
		if name == "" || !onKeys || verifies {
			return
		}
		bounded[name] = true
		onlyBuyers := `dynamodb:LeadingKeys:\[?((PRIVACY|PENDING)[ \]]|(SUBJECT|ERASURES|HOLDS|EXPORTS)#\* ?)+`
		require.Regexp(t, onlyBuyers, fmt.Sprint(s["Condition"]), policy)
	})
	require.Len(t, bounded, 4)
}

// TestWritesOfThePlatformTable: what serves requests changes merchants, and no saga, lock or breaker; what
// publishes and settles changes sagas alone.
func TestWritesOfThePlatformTable(t *testing.T) {
	writes := regexp.MustCompile(`dynamodb:(Put|Update|Delete)Item`)
	bounds := map[string]string{
		"ServeApi": "[MERCHANT#* GSTIN#*]", "PublishEvent": "[SAGA#*]", "SettleSaga": "[SAGA#*]",
	}
	seen := map[string]bool{}
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		name := regexp.MustCompile(`^(ServeApi|PublishEvent|SettleSaga)`).FindString(policy)
		onPlatform := strings.Contains(fmt.Sprint(s["Resource"]), "PlatformTable")
		if name == "" || !onPlatform || !writes.MatchString(fmt.Sprint(s["Action"])) {
			return
		}
		seen[name] = true
		require.Contains(t, fmt.Sprint(s["Condition"]), "dynamodb:LeadingKeys:"+bounds[name], policy)
	})
	require.Len(t, seen, len(bounds))
}

func TestAuditLogIsAppendOnly(t *testing.T) {
	changes := regexp.MustCompile(`dynamodb:(Delete|Update)Item`)
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		statement := fmt.Sprint(s)
		require.False(t, changes.MatchString(statement) && strings.Contains(statement, "AuditTable"), policy)
	})
}
