package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// service is the stack of what runs: functions, API, queues, bus, state machine.
type service struct {
	awscdk.Stack
	data *data
	arch awslambda.Architecture
	dist string // folder of the functions' binaries

	telemetry, sample string // where records go, and the share of traces; see docs/observability.md

	bus       awsevents.EventBus
	queues    queues
	functions map[string]awslambda.Function
	live      awslambda.Alias // of create-invoice: what the API calls and delivery shifts
	machine   sfn.StateMachine
	api       *api
}

// Functions by folder under functions/, with their time limit in seconds. Each is
// well over what its steps may take and well under its queue's visibility timeout.
const (
	createInvoice    = "create-invoice"
	reserveInventory = "reserve-inventory"
	logAudit         = "log-audit"
	publishEvent     = "publish-event"
	deleteInvoice    = "delete-invoice"
	releaseInventory = "release-inventory"
	settleSaga       = "settle-saga"
	recoverSagas     = "recover-sagas"
	serveAPI         = "serve-api"
)

func timeLimits() map[string]float64 {
	return map[string]float64{
		createInvoice: 30, reserveInventory: 10, logAudit: 20, publishEvent: 20, deleteInvoice: 10,
		releaseInventory: 10, settleSaga: 10, recoverSagas: 50, serveAPI: 10,
	}
}

func newService(app awscdk.App, d *data) *service {
	s := &service{
		Stack: awscdk.NewStack(app, jsii.String("InvoChain-Service"), &awscdk.StackProps{
			Description: jsii.String("InvoChain: functions, API, queues, bus, compensation"),
		}),
		data: d, functions: map[string]awslambda.Function{},
		telemetry: setting(app, "telemetry", "emf"), sample: setting(app, "trace-sample", "1"),
	}
	s.arch, s.dist = awslambda.Architecture_ARM_64(), setting(app, "dist", "dist")+"/arm64/"
	if setting(app, "arch", "arm64") == "amd64" {
		s.arch, s.dist = awslambda.Architecture_X86_64(), setting(app, "dist", "dist")+"/amd64/"
	}
	s.bus = awsevents.NewEventBus(s.Stack, jsii.String("Bus"), &awsevents.EventBusProps{EventBusName: jsii.String("invochain")})
	output(s.Stack, "BusName", s.bus.EventBusName())
	s.queues = newQueues(s.Stack)
	s.newFunctions()
	s.machine = newCompensation(s)
	output(s.Stack, "CompensationMachine", s.machine.StateMachineArn())
	s.connect()
	s.grant()
	s.api = newAPI(s)
	acceptInService(s.Stack)
	return s
}

// newFunctions come before the state machine, which invokes some of them, and so
// are told of it afterwards.
func (s *service) newFunctions() {
	for _, name := range sortedKeys(timeLimits()) {
		s.functions[name] = s.function(name)
	}
	reserve := s.functions[reserveInventory].FunctionName()
	s.functions[createInvoice].AddEnvironment(jsii.String("INVOCHAIN_RESERVE_FUNCTION"), reserve, nil)
	output(s.Stack, "ReserveInventoryFunction", reserve)
	output(s.Stack, "ReleaseInventoryFunction", s.functions[releaseInventory].FunctionName())
	output(s.Stack, "CreateInvoiceFunction", s.functions[createInvoice].FunctionName())
	output(s.Stack, "RecoverSagasFunction", s.functions[recoverSagas].FunctionName())
}

func (s *service) function(name string) awslambda.Function {
	id := pascal(name)
	return awslambda.NewFunction(s.Stack, jsii.String(id), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"), Architecture: s.arch,
		Code:       awslambda.Code_FromAsset(jsii.String(s.dist+name), nil),
		MemorySize: jsii.Number(256), Timeout: awscdk.Duration_Seconds(jsii.Number(timeLimits()[name])),
		Tracing: awslambda.Tracing_ACTIVE,
		LogGroup: awslogs.NewLogGroup(s.Stack, jsii.String(id+"Logs"), &awslogs.LogGroupProps{
			Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		}),
		Environment: s.environment(),
	})
}

// environment is the same for every function; each requires what it uses.
func (s *service) environment() *map[string]*string {
	vars := map[string]*string{
		"INVOCHAIN_PLATFORM_TABLE":  s.data.platform.TableName(),
		"INVOCHAIN_INVOICES_TABLE":  s.data.invoices.TableName(),
		"INVOCHAIN_INVENTORY_TABLE": s.data.inventory.TableName(),
		"INVOCHAIN_AUDIT_TABLE":     s.data.audit.TableName(),
		"INVOCHAIN_BUS_NAME":        s.bus.EventBusName(),
		"INVOCHAIN_LOG_LEVEL":       jsii.String("info"),
		"INVOCHAIN_TELEMETRY":       &s.telemetry,
		"INVOCHAIN_TRACE_SAMPLE":    &s.sample,
		// A few MB are live in a function, so the collector would run every few requests: a
		// quarter of its processor time. It has 256 MB, most of which nobody else uses; and a
		// seventh of a processor, on which threads that look for work only take it away.
		"GOGC": jsii.String("400"), "GOMEMLIMIT": jsii.String("192MiB"), "GOMAXPROCS": jsii.String("1"),
	}
	for name, q := range s.queues.byOutput() {
		vars[deployment.Variable(name)] = q.QueueUrl()
	}
	return &vars
}

// output makes v an output of the stack, under a name of package output.
func output(stack awscdk.Stack, name string, v *string) {
	if deployment.Variable(name) == "" {
		panic("infra: output " + name + " is not listed in package output")
	}
	awscdk.NewCfnOutput(stack, jsii.String("Output"+name), &awscdk.CfnOutputProps{Value: v}).OverrideLogicalId(jsii.String(name))
}
