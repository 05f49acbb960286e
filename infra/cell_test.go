package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"
)

// physicalNames returns every name that AWS accepts once in an account and region: of the stacks, of
// what they export, and of resources that are not named within another one.
func (f fixture) physicalNames() []string {
	var names []string
	within := regexp.MustCompile(`^AWS::(Lambda::Alias|IAM::Policy|ApiGateway::Stage)$`)
	for _, stack := range f.stacks {
		names = append(names, "stack "+*stack.StackName())
	}
	for _, template := range f.templates {
		outputs, _ := template["Outputs"].(map[string]any)
		for _, o := range outputs {
			if export, is := o.(map[string]any)["Export"].(map[string]any); is {
				names = append(names, "export "+export["Name"].(string))
			}
		}
		for _, r := range template["Resources"].(map[string]any) {
			resource := r.(map[string]any)
			kind := resource["Type"].(string)
			properties, _ := resource["Properties"].(map[string]any)
			for property, value := range properties {
				name, literal := value.(string)
				ofMetric := kind == "AWS::CloudWatch::Alarm" && property == "MetricName"
				if literal && strings.HasSuffix(property, "Name") && !within.MatchString(kind) && !ofMetric {
					names = append(names, kind+" "+name)
				}
			}
		}
	}
	return names
}

// TestTwoCellsFitAnAccount: no name of a cell is that of another one, nor is anything else that two
// deployments would share: namespaces of metrics, the audit log's name, the tag of keys.
func TestTwoCellsFitAnAccount(t *testing.T) {
	first, second := app.physicalNames(), cellB.physicalNames()
	require.Len(t, second, len(first))
	require.Greater(t, len(first), 20)
	for _, name := range second {
		require.NotContains(t, first, name)
	}
	for _, name := range []string{
		"stack InvoChain-b-Service", "AWS::Events::EventBus invochain-b", "AWS::CloudWatch::Dashboard InvoChain-b",
		"AWS::Logs::LogGroup /aws/vendedlogs/states/invochain-cancel-b",
	} {
		require.Contains(t, second, name)
	}
	for shared, stack := range map[string]string{
		`Namespace:InvoChain(\]| )`: "Observability", `ApiName Value:invochain\]`: "Observability",
		`\{InvoChain[,}]`: "Observability", `ApiName=\\"invochain\\"`: "Observability",
		`Tag/invochain-use:token\]`: "Service",
	} {
		require.Regexp(t, shared, fmt.Sprint(app.templates["InvoChain-"+stack]["Resources"]), stack)
		require.NotRegexp(t, shared, fmt.Sprint(cellB.templates["InvoChain-b-"+stack]["Resources"]), stack)
	}
	for _, p := range cellB.resources("InvoChain-b-Service", "AWS::Lambda::Function") {
		require.Equal(t, "b", p["Environment"].(map[string]any)["Variables"].(map[string]any)["INVOCHAIN_CELL"])
	}
	origin := cellB.templates["InvoChain-b-Service"]["Outputs"].(map[string]any)["AuditOrigin"]
	require.Contains(t, fmt.Sprint(origin), " -b]")
}

func TestNamesOfCellsAndReleasesAreChecked(t *testing.T) {
	refuses := func(of func(awscdk.App) string, name, value string) {
		defer func() { require.NotNil(t, recover(), value) }()
		of(awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{name: value}}))
	}
	for _, value := range []string{"B", "1a", "a-b", "averylongname"} {
		refuses(cellOf, "cell", value)
	}
	for _, value := range []string{"ABC", "a b", "1234567890abc"} {
		refuses(releaseOf, "release", value)
	}
}
