package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTemplatesFitCloudFormation: docs/limits.md lists the limits, with their sources.
func TestTemplatesFitCloudFormation(t *testing.T) {
	for name, template := range app.templates {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(template)
			require.NoError(t, err)
			atMost(t, 1_000_000, len(text), "bytes")
			for section, limit := range map[string]int{"Resources": 500, "Outputs": 200, "Parameters": 200} {
				members, _ := template[section].(map[string]any)
				atMost(t, limit, len(members), section)
				for id := range members {
					atMost(t, 255, len(id), "characters of "+id)
				}
			}
		})
	}
	for _, export := range exports() {
		atMost(t, 255, len(export), "characters of "+export)
	}
}

// atMost fails above nine tenths of a limit, so that it is noticed before a deployment fails.
func atMost(t *testing.T, limit, got int, what ...any) {
	t.Helper()
	require.LessOrEqual(t, got, limit-limit/10, what...)
}

func TestFunctionsFitLambda(t *testing.T) {
	policies := map[string]int{}
	for _, p := range resources(serviceStack, "AWS::Lambda::Permission") {
		id := function(t, p["FunctionName"])
		policies[id] += len(permission) + resolved(t, p["FunctionName"]) + len(p["Action"].(string)) +
			len(p["Principal"].(string)) + resolved(t, p["SourceArn"])
	}
	for id, size := range policies {
		atMost(t, 20_480, size, "resource policy of "+id)
	}
	for id, p := range resources(serviceStack, "AWS::Lambda::Function") {
		size := 0
		for variable, value := range p["Environment"].(map[string]any)["Variables"].(map[string]any) {
			size += len(variable) + resolved(t, value)
		}
		atMost(t, 4096, size, "environment of "+id)
		atMost(t, 900, int(p["Timeout"].(float64)), "time limit of "+id)
		require.LessOrEqual(t, p["MemorySize"], 10_240., id)
	}
}

// permission is what Lambda adds to the values of a permission, which becomes a statement of the
// function's policy.
const permission = `{"Sid":"InvoChain-Service-ApicancellationproxyANYApiPermissionTestInvoChainServiceApi",` +
	`"Effect":"Allow","Principal":{"Service":""},"Action":"","Resource":"","Condition":{"ArnLike":{"AWS:SourceArn":""}}}`

// function returns the logical id of the function that a permission names, by its ARN or by an alias.
func function(t *testing.T, name any) string {
	t.Helper()
	found := references(name)
	require.Len(t, found, 1)
	for alias, p := range resources(serviceStack, "AWS::Lambda::Alias") {
		if alias == found[0].target {
			return function(t, p["FunctionName"])
		}
	}
	return found[0].target
}

func TestPoliciesFitIAM(t *testing.T) {
	sizes := map[string]int{}
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		for _, role := range everywhere("AWS::IAM::Policy")[policy]["Roles"].([]any) {
			sizes[fmt.Sprint(role)] += resolved(t, s)
		}
	})
	require.NotEmpty(t, sizes)
	for role, size := range sizes {
		atMost(t, 10_240, size, "inline policies of "+role)
	}
	for id, p := range everywhere("AWS::KMS::Key") {
		atMost(t, 32_768, resolved(t, p["KeyPolicy"]), id)
	}
	for id, p := range everywhere("AWS::S3::BucketPolicy") {
		atMost(t, 20_480, resolved(t, p["PolicyDocument"]), id)
	}
}

func TestDefinitionsFitStepFunctions(t *testing.T) {
	for id, p := range resources(serviceStack, "AWS::StepFunctions::StateMachine") {
		atMost(t, 1<<20, resolved(t, p["DefinitionString"]), id)
	}
	// An execution with every attempt of every task: five events each, and three of each choice and pass.
	eachMachine(t, func(t *testing.T, m machine) {
		t.Helper()
		events := 10
		for _, s := range m.States {
			attempts := 1
			for _, r := range s.Retry {
				attempts += r.MaxAttempts
			}
			events += 5 * attempts
		}
		atMost(t, 25_000, events, "events of an execution")
	})
}

func TestTablesAndQueuesFit(t *testing.T) {
	for id, p := range resources(dataStack, "AWS::DynamoDB::GlobalTable") {
		indexes, _ := p["GlobalSecondaryIndexes"].([]any)
		atMost(t, 20, len(indexes), "indexes of "+id)
	}
	for id, p := range resources(serviceStack, "AWS::SQS::Queue") {
		require.LessOrEqual(t, p["MessageRetentionPeriod"], 14*24*3600., id)
		if redrive, ok := p["RedrivePolicy"].(map[string]any); ok {
			require.LessOrEqual(t, redrive["maxReceiveCount"], 1000., id)
			require.LessOrEqual(t, p["VisibilityTimeout"], 12*3600., id)
		}
	}
	for id, p := range resources(serviceStack, "AWS::Lambda::EventSourceMapping") {
		concurrency := p["ScalingConfig"].(map[string]any)["MaximumConcurrency"].(float64)
		require.True(t, concurrency >= 2 && concurrency <= 1000, id)
		require.LessOrEqual(t, p["BatchSize"], 10_000., id)
		if p["BatchSize"].(float64) > 10 {
			require.GreaterOrEqual(t, p["MaximumBatchingWindowInSeconds"], 1., id)
		}
	}
}

func TestRoutesAndRulesFit(t *testing.T) {
	atMost(t, 300, len(resources(serviceStack, "AWS::ApiGateway::Resource")), "resources of the API")
	rules := resources(serviceStack, "AWS::Events::Rule")
	atMost(t, 300, len(rules), "rules")
	for id, p := range rules {
		atMost(t, 5, len(p["Targets"].([]any)), "targets of "+id)
		pattern, err := json.Marshal(p["EventPattern"])
		require.NoError(t, err)
		atMost(t, 2048, len(pattern), "pattern of "+id)
	}
}

func TestAlarmsFitCloudWatch(t *testing.T) {
	for id, p := range alarms() {
		atMost(t, 1024, len(p["AlarmDescription"].(string)), id)
		if rule, ok := p["AlarmRule"]; ok {
			atMost(t, 10_240, resolved(t, rule), id)
			atMost(t, 100, len(references(rule)), "alarms of "+id)
			continue
		}
		queries, _ := p["Metrics"].([]any)
		atMost(t, 10, len(queries), "metrics of "+id)
		longest, _ := p["Period"].(float64)
		for _, q := range queries {
			query := q.(map[string]any)
			expression, _ := query["Expression"].(string)
			atMost(t, 2048, len(expression), id)
			if stat, ok := query["MetricStat"].(map[string]any); ok {
				longest = max(longest, stat["Period"].(float64))
				dimensions, _ := stat["Metric"].(map[string]any)["Dimensions"].([]any)
				atMost(t, 30, len(dimensions), id)
			}
		}
		window := longest * p["EvaluationPeriods"].(float64)
		require.LessOrEqual(t, window, 7*24*3600., id)
		if longest < 3600 {
			require.LessOrEqual(t, window, 24*3600., id)
		}
	}
	for _, p := range resources(observabilityStack, "AWS::CloudWatch::Dashboard") {
		var body struct{ Widgets []any }
		text := p["DashboardBody"].(map[string]any)["Fn::Sub"].(string)
		require.NoError(t, json.Unmarshal([]byte(text), &body))
		atMost(t, 500, len(body.Widgets), "widgets")
	}
}

// resolved returns how many characters a value has at most once CloudFormation has resolved it.
func resolved(t *testing.T, v any) int {
	t.Helper()
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		sum := len("[]")
		for _, element := range v {
			sum += resolved(t, element) + len(`"",`)
		}
		return sum
	case map[string]any:
		if name, intrinsic := onlyKey(v); intrinsic {
			return resolvedFunction(t, name, v[name])
		}
		sum := len("{}")
		for key, member := range v {
			sum += len(`"":"",`) + len(key) + resolved(t, member)
		}
		return sum
	default:
		return len(fmt.Sprint(v))
	}
}

// onlyKey returns the function that a member calls, if it is a call.
func onlyKey(member map[string]any) (string, bool) {
	for key := range member {
		return key, len(member) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::"))
	}
	return "", false
}

// The longest values: the URL of a queue, whose name has up to 80 characters after its host and account,
// and an ARN with such a name; the id of an API; the ARN of a function. What another stack exports is a
// name of up to 64 characters or a key's ARN.
const (
	longest         = len("https://sqs.ap-southeast-1.amazonaws.com/123456789012/") + 80
	longestAPI      = 10
	longestFunction = len("arn:aws:lambda:ap-southeast-1:123456789012:function:") + 64
	longestImported = len("arn:aws:kms:ap-southeast-1:123456789012:key/mrk-") + 36
	longestPseudo   = len("amazonaws.com.cn")
)

func resolvedFunction(t *testing.T, name string, v any) int {
	t.Helper()
	switch name {
	case "Ref", "Fn::GetAtt":
		return longestOf(stringList(v)[0])
	case "Fn::ImportValue":
		return longestImported
	case "Fn::Select": // the name in the ARN of an alias
		return longestFunction
	case "Fn::Join":
		sum := 0
		for _, part := range v.([]any)[1].([]any) {
			sum += resolved(t, part) + len(v.([]any)[0].(string))
		}
		return sum
	default:
		require.Fail(t, "no bound is known of "+name)
		return 0
	}
}

// longestOf returns how long the name or ARN of a resource can be.
func longestOf(id string) int {
	if strings.HasPrefix(id, "AWS::") {
		return longestPseudo
	}
	if _, is := resources(serviceStack, "AWS::ApiGateway::RestApi")[id]; is {
		return longestAPI
	}
	if _, is := resources(serviceStack, "AWS::Lambda::Function")[id]; is {
		return longestFunction
	}
	return longest
}

func TestResolved(t *testing.T) {
	ref := map[string]any{"Ref": "Queue"}
	require.Equal(t, 3, resolved(t, "abc"))
	require.Equal(t, longest, resolved(t, ref))
	joined := map[string]any{"Fn::Join": []any{"/", []any{"abc", ref, map[string]any{"Ref": "AWS::Region"}}}}
	require.Equal(t, 3+longest+longestPseudo+3, resolved(t, joined))
	require.Equal(t, len(`{"Action":["a","b",],}`)+len(`""`), resolved(t, map[string]any{"Action": []any{"a", "b"}}))
}
