package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

// fixture is a synthesized app. All tests share it because synthesis takes seconds.
type fixture struct {
	stacks    []awscdk.Stack
	templates map[string]map[string]any // by stack name
}

//nolint:gochecknoglobals // a flag, and the syntheses that serve all tests
var (
	update = flag.Bool("update", false, "rewrite the golden templates")
	app    fixture // as `cdk deploy` makes it
	local  fixture // with callers=local
	tokens fixture // with callers=tokens
	cellB  fixture // with cell=b and warm tables
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
		if err := writeBinary(filepath.Join(dist, "arm64", name), name); err != nil {
			panic(err)
		}
	}
	app = synthesize(map[string]any{"dist": dist})
	local = synthesize(map[string]any{"dist": dist, "callers": "local"})
	tokens = synthesize(map[string]any{"dist": dist, "callers": "tokens"})
	cellB = synthesize(map[string]any{"dist": dist, "cell": "b", "warm-writes": "10000"})
	return m.Run()
}

// writeBinary writes a file in place of a function's binary.
func writeBinary(folder, content string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "bootstrap"), []byte(content), 0o600)
}

func synthesize(settings map[string]any) fixture {
	root := awscdk.NewApp(&awscdk.AppProps{Context: &settings, AnalyticsReporting: jsii.Bool(false)})
	s := build(root)
	f := fixture{
		stacks:    []awscdk.Stack{s.data.Stack, s.service.Stack, s.protection, s.observability},
		templates: map[string]map[string]any{},
	}
	for _, stack := range f.stacks {
		f.templates[*stack.StackName()] = *assertions.Template_FromStack(stack, nil).ToJSON()
	}
	return f
}

const (
	dataStack          = "InvoChain-Data"
	serviceStack       = "InvoChain-Service"
	observabilityStack = "InvoChain-Observability"
	protectionStack    = "InvoChain-Protection"
)

// resources returns the properties of the resources of a type in a stack, by logical id.
func resources(stack, kind string) map[string]map[string]any { return app.resources(stack, kind) }

func (f fixture) resources(stack, kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range f.templates[stack]["Resources"].(map[string]any) {
		if r := r.(map[string]any); r["Type"] == kind {
			found[id], _ = r["Properties"].(map[string]any) // there may be none
		}
	}
	return found
}

// stringList returns the strings of a value that CloudFormation writes as one string or as a list.
func stringList(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var list []string
	for _, s := range v.([]any) {
		list = append(list, s.(string))
	}
	return list
}
