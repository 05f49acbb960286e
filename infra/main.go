// Command infra is the CDK app: five stacks that deploy alike to AWS and to an
// emulator, which is only asked for those that it can hold (data, service).
//
// Context: arch (arm64, amd64) picks the functions' architecture and their folder
// under dist; retain (true, false) keeps tables when a stack is deleted; dist is
// the folder of the functions' binaries.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	build(app)
	app.Synth(nil)
}

// stacks of the app.
type stacks struct {
	data          *data
	service       *service
	delivery      awscdk.Stack
	protection    awscdk.Stack
	observability awscdk.Stack
}

func build(app awscdk.App) stacks {
	checkSecurity(app)
	d := newData(app)
	s := newService(app, d)
	return stacks{
		data: d, service: s, delivery: newDelivery(app, s),
		protection: newProtection(app, d, s), observability: newObservability(app, s),
	}
}

// setting reads a context value, which is a string wherever it comes from.
func setting(app awscdk.App, name, fallback string) string {
	if v, ok := app.Node().TryGetContext(jsii.String(name)).(string); ok && v != "" {
		return v
	}
	return fallback
}
