package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	ddb "github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	targets "github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	sources "github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// connect joins queues, bus and schedule to the functions that they wake.
func (s *service) connect() {
	q, f := s.queues, s.functions
	consume(f[createInvoice], q.requests, 10, 10, 0)
	consume(f[logAudit], q.audit, 2, maxBatch, batchWindow) // appends of one merchant contend for its chain
	consume(f[publishEvent], q.publish, 5, maxBatch, batchWindow)
	consume(f[reserveInventory], q.inventory, 5, maxBatch, batchWindow)
	s.rule("OrderCompleted", &awsevents.EventPattern{DetailType: jsii.Strings("order.completed")},
		q.requests, awsevents.RuleTargetInput_FromEventPath(jsii.String("$.detail")))
	s.rule("InvoiceCreated", &awsevents.EventPattern{
		Source: jsii.Strings("invochain"), DetailType: jsii.Strings("invoice.created"),
	}, q.inventory, nil)
	awsevents.NewRule(s.Stack, jsii.String("RecoverEveryMinute"), &awsevents.RuleProps{
		Schedule: awsevents.Schedule_Rate(awscdk.Duration_Minutes(jsii.Number(1))),
		Targets: &[]awsevents.IRuleTarget{targets.NewLambdaFunction(f[recoverSagas], &targets.LambdaFunctionProps{
			RetryAttempts: jsii.Number(0), // the next minute is the retry
		})},
	})
}

// What follows an answer is done in batches: a second's messages cost one invocation,
// and their reads, sends and appends go together. Nobody waits for it.
const (
	maxBatch    = 50 // messages, for which the functions have as many workers
	batchWindow = 1  // seconds
)

// consume reports each message of a batch by itself. Concurrency is bounded at the
// mapping: bounding it at the function would send good messages to the DLQ.
func consume(f awslambda.Function, q awssqs.Queue, batches, messages, window float64) {
	f.AddEventSource(sources.NewSqsEventSource(q, &sources.SqsEventSourceProps{
		BatchSize: jsii.Number(messages), MaxBatchingWindow: awscdk.Duration_Seconds(jsii.Number(window)),
		ReportBatchItemFailures: jsii.Bool(true), MaxConcurrency: jsii.Number(batches),
	}))
}

func (s *service) rule(id string, pattern *awsevents.EventPattern, q awssqs.Queue, message awsevents.RuleTargetInput) {
	awsevents.NewRule(s.Stack, jsii.String(id), &awsevents.RuleProps{
		EventBus: s.bus, EventPattern: pattern,
		Targets: &[]awsevents.IRuleTarget{targets.NewSqsQueue(q, &targets.SqsQueueProps{
			Message: message, DeadLetterQueue: s.queues.undelivered,
		})},
	})
}

// grant gives each function the actions that it calls, on the tables and queues
// that it calls them on. Nobody may scan; only the audit log's writer may write it,
// and nobody may change or delete there.
func (s *service) grant() {
	q, f, d := s.queues, s.functions, s.data
	read := []string{"GetItem", "BatchGetItem", "Query"}
	saga := []string{"GetItem", "PutItem", "UpdateItem", "Query"}
	allow(f[createInvoice], d.platform, "GetItem", "PutItem", "UpdateItem")
	allow(f[createInvoice], d.invoices, "GetItem", "PutItem", "UpdateItem")
	allow(f[reserveInventory], d.inventory, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem")
	allow(f[releaseInventory], d.inventory, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem")
	allow(f[logAudit], d.platform, "GetItem", "BatchGetItem")
	allow(f[logAudit], d.audit, "GetItem", "BatchGetItem", "PutItem", "Query")
	allow(f[publishEvent], d.platform, "GetItem", "BatchGetItem", "PutItem", "UpdateItem")
	allow(f[deleteInvoice], d.platform, "ConditionCheckItem")
	allow(f[deleteInvoice], d.invoices, "GetItem", "DeleteItem", "UpdateItem")
	allow(f[settleSaga], d.platform, "GetItem", "PutItem", "UpdateItem")
	allow(f[recoverSagas], d.platform, append(saga, "BatchGetItem")...)
	allow(f[serveAPI], d.platform, "GetItem", "PutItem")
	allow(f[serveAPI], d.invoices, read...)

	f[reserveInventory].GrantInvoke(f[createInvoice])
	for fn, sends := range map[string][]awssqs.Queue{
		createInvoice:    {q.audit, q.requests, q.requestsDLQ},
		reserveInventory: {q.inventoryDLQ},
		logAudit:         {q.publish, q.auditDLQ},
		publishEvent:     {q.publishDLQ},
		settleSaga:       {q.publish},
		recoverSagas:     {q.audit},
	} {
		for _, to := range sends {
			to.GrantSendMessages(f[fn])
		}
	}
	for _, looked := range []awssqs.Queue{q.requests, q.audit} { // for /health/ready
		looked.Grant(f[serveAPI], jsii.String("sqs:GetQueueAttributes"))
	}
	all := q.byOutput()
	for _, name := range sortedKeys(all) { // for the gauges
		all[name].Grant(f[recoverSagas], jsii.String("sqs:GetQueueAttributes"))
	}
	s.bus.GrantPutEventsTo(f[publishEvent], nil)
	for _, fn := range []string{createInvoice, recoverSagas} {
		s.machine.GrantStartExecution(f[fn])
		f[fn].AddEnvironment(jsii.String("INVOCHAIN_COMPENSATION_ARN"), s.machine.StateMachineArn(), nil)
	}
}

// allow names the table for items and each index for queries.
func allow(f awslambda.Function, t ddb.TableV2, actions ...string) {
	full := make([]*string, 0, len(actions))
	on := []*string{t.TableArn()}
	for _, a := range actions {
		full = append(full, jsii.String("dynamodb:"+a))
		if a == "Query" {
			on = append(on, jsii.String(*t.TableArn()+"/index/*"))
		}
	}
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{Actions: &full, Resources: &on}))
}
