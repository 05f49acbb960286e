package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// output adds an output to a stack, under the name that package deployment gives to the
// environment variable of its value.
func output(stack awscdk.Stack, variable string, value *string) {
	i := slices.IndexFunc(deployment.Outputs(), func(o deployment.Output) bool { return o.Variable == variable })
	if i < 0 {
		panic("infra: package deployment lists no output for " + variable)
	}
	name := deployment.Outputs()[i].Name
	awscdk.NewCfnOutput(stack, jsii.String("Output"+name), &awscdk.CfnOutputProps{Value: value}).
		OverrideLogicalId(jsii.String(name))
}

// setting returns a context value of the app, or the fallback if it is not set. Values
// are strings, whether they come from cdk.json or from the command line.
func setting(app awscdk.App, name, fallback string) string {
	if v, ok := app.Node().TryGetContext(jsii.String(name)).(string); ok && v != "" {
		return v
	}
	return fallback
}

// pascal converts `create-invoice` to `CreateInvoice`.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
