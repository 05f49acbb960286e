package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

var (
	update = flag.Bool("update", false, "write the golden templates anew") //nolint:gochecknoglobals // a test's flag
	app    stacks                                                          //nolint:gochecknoglobals // one synthesis serves all tests
	synth  map[string]map[string]any                                       //nolint:gochecknoglobals // likewise
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer jsii.Close()
	dist, err := os.MkdirTemp("", "dist")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dist) }()
	for name := range timeLimits() {
		folder := filepath.Join(dist, "arm64", name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			panic(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(name), 0o600); err != nil {
			panic(err)
		}
	}
	root := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"dist": dist}, AnalyticsReporting: jsii.Bool(false)})
	app = build(root)
	synth = map[string]map[string]any{}
	for _, s := range all() {
		synth[*s.StackName()] = *assertions.Template_FromStack(s, nil).ToJSON()
	}
	return m.Run()
}

func all() []awscdk.Stack {
	return []awscdk.Stack{app.data.Stack, app.service.Stack, app.delivery, app.protection, app.observability}
}

// asset is what changes with a binary's content: its hash.
func asset() *regexp.Regexp { return regexp.MustCompile(`[0-9a-f]{64}`) }

// currentVersion is the logical id of a function's version, which holds a hash too.
func currentVersion() *regexp.Regexp {
	return regexp.MustCompile(`CurrentVersion[0-9A-Fa-f]{40}|Deployment[0-9A-Fa-f]{40}`)
}

func TestGoldenTemplates(t *testing.T) {
	for name, template := range synth {
		t.Run(name, func(t *testing.T) {
			b, err := json.MarshalIndent(template, "", " ")
			require.NoError(t, err)
			b = currentVersion().ReplaceAll(asset().ReplaceAll(b, []byte("HASH")), []byte("VERSION"))
			file := filepath.Join("testdata", name+".json")
			if *update {
				require.NoError(t, os.WriteFile(file, append(b, '\n'), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), string(b)+"\n", "look at the difference; if it is wanted: make golden")
		})
	}
}

func TestNoFindingIsLeft(t *testing.T) {
	for _, s := range all() {
		annotations := assertions.Annotations_FromStack(s)
		anything := assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions-.*"))
		for _, m := range *annotations.FindError(jsii.String("*"), anything) {
			t.Errorf("%s: %v", *s.StackName(), m.Entry.Data) //nolint:staticcheck // it moved to a module that Go does not have
		}
		for _, m := range *annotations.FindWarning(jsii.String("*"), anything) {
			t.Errorf("%s: %v", *s.StackName(), m.Entry.Data) //nolint:staticcheck // it moved to a module that Go does not have
		}
	}
}

// resources of a type in a stack, by logical id.
func resources(stack, kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range synth[stack]["Resources"].(map[string]any) {
		if r := r.(map[string]any); r["Type"] == kind {
			found[id] = r["Properties"].(map[string]any)
		}
	}
	return found
}

func TestTables(t *testing.T) {
	tables := resources("InvoChain-Data", "AWS::DynamoDB::GlobalTable")
	require.Len(t, tables, 4)
	for id, p := range tables {
		require.Equal(t, "PAY_PER_REQUEST", p["BillingMode"], id)
		require.Equal(t, map[string]any{"SSEEnabled": true, "SSEType": "KMS"}, p["SSESpecification"], id)
		replica := p["Replicas"].([]any)[0].(map[string]any)
		require.Equal(t, true, replica["DeletionProtectionEnabled"], id)
		require.Equal(t, true, replica["PointInTimeRecoverySpecification"].(map[string]any)["PointInTimeRecoveryEnabled"], id)
	}
}

func TestQueues(t *testing.T) {
	const service = "InvoChain-Service"
	for id, p := range resources(service, "AWS::SQS::Queue") {
		require.Equal(t, true, p["SqsManagedSseEnabled"], id)
		require.EqualValues(t, 14*24*3600, p["MessageRetentionPeriod"], id)
	}
	mappings := resources(service, "AWS::Lambda::EventSourceMapping")
	require.Len(t, mappings, 4)
	functions, queues := resources(service, "AWS::Lambda::Function"), resources(service, "AWS::SQS::Queue")
	for id, m := range mappings {
		require.Equal(t, []any{"ReportBatchItemFailures"}, m["FunctionResponseTypes"], id)
		require.NotNil(t, m["ScalingConfig"], id)
		source := queues[m["EventSourceArn"].(map[string]any)["Fn::GetAtt"].([]any)[0].(string)]
		function := functions[m["FunctionName"].(map[string]any)["Ref"].(string)]
		require.Greater(t, source["RedrivePolicy"].(map[string]any)["maxReceiveCount"].(float64), float64(queue.MaxReceives), "%s: the reason would be lost", id)
		require.GreaterOrEqual(t, source["VisibilityTimeout"].(float64), function["Timeout"].(float64)+10, "%s: it would be delivered again while it is handled", id)
		require.Less(t, source["VisibilityTimeout"].(float64), 60.0, "%s: of a killed consumer", id)
		require.GreaterOrEqual(t, source["VisibilityTimeout"].(float64), queue.MaxBackoff.Seconds(), id)
	}
}

// TestOverloadIsShed: beyond its rate the stage refuses, and says when to come back.
func TestOverloadIsShed(t *testing.T) {
	for _, p := range resources("InvoChain-Service", "AWS::ApiGateway::Stage") {
		all := p["MethodSettings"].([]any)[0].(map[string]any)
		require.EqualValues(t, 500, all["ThrottlingRateLimit"])
		require.EqualValues(t, 1000, all["ThrottlingBurstLimit"])
	}
	for _, p := range resources("InvoChain-Service", "AWS::ApiGateway::GatewayResponse") {
		if kind := p["ResponseType"]; kind == "THROTTLED" || kind == "INTEGRATION_TIMEOUT" || kind == "INTEGRATION_FAILURE" {
			require.Equal(t, map[string]any{"gatewayresponse.header.Retry-After": "'1'"}, p["ResponseParameters"], kind)
		}
	}
}

// TestLeastPrivilege: no policy of a function names all resources, but for what has
// none of its own (traces, log delivery), and none may scan or delete a table's items
// wholesale.
func TestLeastPrivilege(t *testing.T) {
	without := regexp.MustCompile(`^(xray:|logs:)`)
	for id, p := range resources("InvoChain-Service", "AWS::IAM::Policy") {
		for _, s := range p["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			for _, action := range list(statement["Action"]) {
				require.NotRegexp(t, `\*$|Scan|BatchWrite`, action, id)
				if statement["Resource"] == "*" {
					require.Regexp(t, without, action, id)
				}
			}
		}
	}
	for id, p := range resources("InvoChain-Service", "AWS::IAM::Policy") {
		text := fmt.Sprint(p)
		if regexp.MustCompile(`dynamodb:(Delete|Update)Item`).MatchString(text) {
			require.NotContains(t, text, "AuditTable", "%s: the audit log is append-only", id)
		}
	}
}

func list(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var all []string
	for _, s := range v.([]any) {
		all = append(all, s.(string))
	}
	return all
}
