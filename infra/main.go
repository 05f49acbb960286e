// Command infra is the CDK app. It has four stacks. All of them deploy to AWS; an emulator
// gets the two that it supports, data and service.
//
// Context values:
//
//	callers       who may call the API: iam, local (everyone; deploys to an emulator alone)
//	arch          architecture of the functions and their folder under dist: arm64, amd64
//	dist          folder of the functions' binaries
//	retain        keep the tables when the stack is deleted: true, false
//	issuer        URL of the API, if a domain of your own serves it
//	audit-origin  name of the audit log in its checkpoints, such as audit.example.in/invoices
//	telemetry     where functions send metrics and traces, see docs/observability.md
//	trace-sample  share of the requests that are traced, 0 to 1
//	warm-writes   write units a second that new tables serve at once, 4000 to 40000; costs once, see docs/limits.md
//	concurrency   Lambda's concurrent executions of the account for this cell; 0 reserves none
//	release       what is deployed: a short commit hash or a version
//	cell          name of the cell, if there are several
//	due-shards    partitions of the index of due sagas, 1 to 1000; never fewer than were deployed
//	log-sample    share of the requests whose log lines below warn are written, 0 to 1
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

// stacks are the stacks of the app.
type stacks struct {
	data          *data
	service       *service
	protection    awscdk.Stack
	observability awscdk.Stack
}

func build(app awscdk.App) stacks {
	checkSecurity(app)
	d := newData(app)
	s := newService(app, d)
	return stacks{
		data: d, service: s, protection: newProtection(app, d, s), observability: newObservability(app, s),
	}
}
