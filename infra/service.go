package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/metric"
)

// service is the stack of the functions, the API, the queues, the bus and the state machines.
type service struct {
	awscdk.Stack
	data *data
	arch awslambda.Architecture
	dist string // folder of the functions' binaries

	telemetry, sample string  // destination of metrics and traces, share of traced requests
	logSample         string  // share of the traces whose lines below warn are written
	concurrency       float64 // see defaultConcurrency
	release           string  // what is deployed, see releaseOf
	cell              string  // see cellOf
	dueShards         string  // number of partitions of the index of due sagas; never fewer than were deployed

	bus       awsevents.EventBus
	queues    queues
	functions map[string]awslambda.Function
	live      map[string]awslambda.Alias // of each function; all calls go through it
	// compensate and cancel are the state machines.
	compensate, cancel sfn.StateMachine
	api                *api
}

// Names of the functions: their folders under functions/.
const (
	createInvoice    = "create-invoice"
	reserveInventory = "reserve-inventory"
	logAudit         = "log-audit"
	sealAudit        = "seal-audit"
	publishEvent     = "publish-event"
	deleteInvoice    = "delete-invoice"
	releaseInventory = "release-inventory"
	returnStock      = "return-stock"
	voidNumber       = "void-number"
	settleSaga       = "settle-saga"
	recoverSagas     = "recover-sagas"
	serveAPI         = "serve-api"
	issueToken       = "issue-token"
	rotateKeys       = "rotate-keys"
	managePrivacy    = "manage-privacy"
	confirmSales     = "confirm-sales"
)

// timeLimits returns the time limit of each function in seconds. A limit is well above the
// timeouts of the function's steps, and at least 10 s below the visibility timeout of its queue.
func timeLimits() map[string]float64 {
	return map[string]float64{
		createInvoice: 30, reserveInventory: 10, logAudit: 20, sealAudit: 50, publishEvent: 20, deleteInvoice: 10,
		releaseInventory: 10, returnStock: 10, voidNumber: 10, settleSaga: 10, recoverSagas: 50, serveAPI: 10,
		issueToken: 10, rotateKeys: 30, managePrivacy: 25, confirmSales: 300,
	}
}

// memorySize returns the memory of a function in MB. With it comes a share of a processor: 1,769 MB have a whole
// one. recover-sagas takes half a millisecond of it for a saga, and has to move 1,000 sagas a second.
func memorySize(name string) float64 {
	if name == recoverSagas {
		return 1769
	}
	return 256
}

func newService(app awscdk.App, d *data) *service {
	s := &service{
		Stack: newStack(app, "Service", "InvoChain: functions, API, queues, bus, compensation, cancellation"),
		data:  d, functions: map[string]awslambda.Function{}, live: map[string]awslambda.Alias{},
		telemetry: setting(app, "telemetry", "emf"), sample: setting(app, "trace-sample", "1"),
		logSample:   setting(app, "log-sample", "0.05"),
		concurrency: concurrencyOf(app), release: releaseOf(app), cell: cellOf(app),
		dueShards: setting(app, "due-shards", "64"),
	}
	s.arch, s.dist = awslambda.Architecture_ARM_64(), setting(app, "dist", "dist")+"/arm64/"
	if setting(app, "arch", "arm64") == "amd64" {
		s.arch, s.dist = awslambda.Architecture_X86_64(), setting(app, "dist", "dist")+"/amd64/"
	}
	s.bus = awsevents.NewEventBus(s.Stack, jsii.String("Bus"), &awsevents.EventBusProps{
		EventBusName: jsii.String(inCell(s.cell, "invochain")),
	})
	output(s.Stack, deployment.BusName, s.bus.EventBusName())
	s.queues = newQueues(s.Stack)
	s.newFunctions()
	s.compensate, s.cancel = newCompensation(s), newCancellation(s)
	output(s.Stack, deployment.CompensationARN, s.compensate.StateMachineArn())
	output(s.Stack, deployment.CancellationARN, s.cancel.StateMachineArn())
	s.connect()
	s.grant()
	s.api = newAPI(s, authorization(app))
	s.connectIdentity(app)
	s.connectAuditLog(app)
	s.connectPrivacy()
	s.allowDocumentKey(s.functions[serveAPI])
	suppressInService(s.Stack, callers(app) != callersIAM)
	return s
}

// releaseOf returns the name that sagas and metrics carry of what is deployed, the setting `release`. It
// is no part of the binaries, so that equal code gives equal binaries.
func releaseOf(app awscdk.App) string {
	name := setting(app, "release", "dev")
	if metric.Release(name) != name {
		panic("infra: release must be up to 12 lowercase letters, digits, dots and hyphens")
	}
	return name
}

// newFunctions creates the functions. The state machines invoke some of them and so are
// created later; grant gives their ARNs to the functions that start them.
func (s *service) newFunctions() {
	for _, name := range sortedKeys(timeLimits()) {
		s.functions[name] = s.function(name)
		s.live[name] = s.newAlias(name)
	}
	// The name of an alias is FUNCTION:live, for which an Invoke takes it.
	reserve := s.live[reserveInventory].FunctionName()
	s.functions[createInvoice].AddEnvironment(jsii.String(deployment.ReserveFunction), reserve, nil)
	output(s.Stack, deployment.ReserveFunction, reserve)
	output(s.Stack, deployment.ReleaseFunction, s.live[releaseInventory].FunctionName())
	output(s.Stack, deployment.CreateFunction, s.live[createInvoice].FunctionName())
	output(s.Stack, deployment.RecoverFunction, s.live[recoverSagas].FunctionName())
}

func (s *service) function(name string) awslambda.Function {
	id := pascal(name)
	return awslambda.NewFunction(s.Stack, jsii.String(id), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"), Architecture: s.arch,
		Code:       awslambda.Code_FromAsset(jsii.String(s.dist+name), nil),
		MemorySize: jsii.Number(memorySize(name)), Timeout: awscdk.Duration_Seconds(jsii.Number(timeLimits()[name])),
		Tracing: awslambda.Tracing_ACTIVE, ReservedConcurrentExecutions: s.reserved(name),
		// Lambda's own lines of each invocation would be a seventh of the logs; those of failures stay.
		LoggingFormat: awslambda.LoggingFormat_JSON, SystemLogLevelV2: awslambda.SystemLogLevel_WARN,
		LogGroup: awslogs.NewLogGroup(s.Stack, jsii.String(id+"Logs"), &awslogs.LogGroupProps{
			Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		}),
		Environment: s.environment(),
		// CloudFormation would delete a version that it replaces, with the requests that still run on it.
		// That is decided by the template that replaces it, so that versions have to be retained before
		// the first release can be taken back or a saga can stay on its version.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
}

// environment returns the variables of every function. A function reads those that it needs.
func (s *service) environment() *map[string]*string {
	vars := map[string]*string{
		deployment.PlatformTable:  s.data.platform.TableName(),
		deployment.InvoicesTable:  s.data.invoices.TableName(),
		deployment.InventoryTable: s.data.inventory.TableName(),
		deployment.AuditTable:     s.data.audit.TableName(),
		deployment.BusName:        s.bus.EventBusName(),
		"INVOCHAIN_LOG_LEVEL":     jsii.String("info"),
		"INVOCHAIN_LOG_SAMPLE":    &s.logSample,
		"INVOCHAIN_TELEMETRY":     &s.telemetry,
		"INVOCHAIN_TRACE_SAMPLE":  &s.sample,
		deployment.DueShards:      &s.dueShards,
		deployment.Release:        &s.release,
		// The live heap is a few MB, so by default the garbage collector would run every few
		// requests and use a quarter of the processor time. Most of the 256 MB is free for a
		// larger heap. One thread is enough for a seventh of a vCPU: idle threads that search
		// for work would only take time from it.
		"GOGC": jsii.String("400"), "GOMEMLIMIT": jsii.String("192MiB"), "GOMAXPROCS": jsii.String("1"),
	}
	if s.cell != "" {
		vars[deployment.Cell] = &s.cell
	}
	for variable, q := range s.queues {
		vars[variable] = q.QueueUrl()
	}
	return &vars
}
