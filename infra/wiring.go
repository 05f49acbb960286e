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

	"github.com/invochain/invochain/shared/deployment"
)

// connect adds the triggers of the functions: queues, rules of the bus and the schedule.
func (s *service) connect() {
	q, f := s.queues, s.live
	consume(f[createInvoice], q[deployment.RequestsQueue], 10, requestBatch)
	consume(f[logAudit], q[deployment.AuditQueue], 2, auditBatch)
	consume(f[publishEvent], q[deployment.PublishQueue], 20, maxBatch)
	consume(f[reserveInventory], q[deployment.InventoryQueue], 5, maxBatch)
	orders := s.rule("OrderCompleted", &awsevents.EventPattern{DetailType: jsii.Strings("order.completed")},
		q[deployment.RequestsQueue], "$.detail.invoice.seller_merchant_id")
	updateAfter(orders, f[createInvoice]) // a version that reads the detail alone gets no whole events
	s.rule("InvoiceCreated", &awsevents.EventPattern{
		Source: jsii.Strings("invochain"), DetailType: jsii.Strings("invoice.created"),
	}, q[deployment.InventoryQueue], "$.detail.merchant_id")
	s.every(awscdk.Duration_Hours(jsii.Number(1)), "ConfirmSalesEveryHour", confirmSales)
	s.every(awscdk.Duration_Minutes(jsii.Number(1)), "RecoverEveryMinute", recoverSagas)
}

// every invokes a function at an interval. A run that fails is not retried: the next one does its work.
func (s *service) every(interval awscdk.Duration, id, function string) {
	awsevents.NewRule(s.Stack, jsii.String(id), &awsevents.RuleProps{
		Schedule: awsevents.Schedule_Rate(interval),
		Targets: &[]awsevents.IRuleTarget{targets.NewLambdaFunction(s.live[function], &targets.LambdaFunctionProps{
			RetryAttempts: jsii.Number(0),
		})},
	})
}

// The work after a response is batched, because no caller waits for it: the messages of a
// second cost one invocation, and their reads, sends and appends share requests to AWS.
const (
	maxBatch    = 50 // messages; a function handles as many concurrently
	batchWindow = 1  // seconds
	// auditBatch is what one transaction appends to the audit log. Two batches at a time are the best
	// setting: while one is being appended, the other is read or handed on. A third one would
	// meet another at the end of the log, which then takes fewer entries than from two (BenchmarkAppend).
	auditBatch = 97
)

// requestBatch is the number of invoice requests in a batch: create-invoice issues as many concurrently, and
// those of one series in one transaction (shared/issuance, maxGroup). SQS gathers more than ten only with a
// window: a request that comes alone waits up to a second longer. Its 202 was sent before, and a batch of
// a busy queue is full earlier.
const requestBatch = 25

// consume lets a function consume a queue, with partial batch responses. Batches are of at
// most messages, gathered for a second. At most batches of them are in progress: a
// limit on the function instead would throttle the poller and dead-letter good messages.
func consume(f awslambda.Alias, q awssqs.Queue, batches, messages float64) {
	f.AddEventSource(sources.NewSqsEventSource(q, &sources.SqsEventSourceProps{
		BatchSize: jsii.Number(messages), MaxBatchingWindow: awscdk.Duration_Seconds(jsii.Number(batchWindow)),
		ReportBatchItemFailures: jsii.Bool(true), MaxConcurrency: jsii.Number(batches),
	}))
}

// rule sends the matching events of the bus, whole, to a queue. merchant is the path of the
// merchant's id in an event, which becomes the message group. EventBridge reads it from each event; a
// group has at most 100 characters there. An event that SQS refuses for its group is undelivered.
func (s *service) rule(id string, pattern *awsevents.EventPattern, q awssqs.Queue, merchant string) awsevents.Rule {
	return awsevents.NewRule(s.Stack, jsii.String(id), &awsevents.RuleProps{
		EventBus: s.bus, EventPattern: pattern,
		Targets: &[]awsevents.IRuleTarget{targets.NewSqsQueue(q, &targets.SqsQueueProps{
			MessageGroupId: &merchant, DeadLetterQueue: s.queues[deployment.UndeliveredDLQ],
		})},
	})
}

// updateAfter makes CloudFormation update a rule once the alias of its function is updated.
func updateAfter(rule awsevents.Rule, f awslambda.Alias) {
	later, isRule := rule.Node().DefaultChild().(awsevents.CfnRule)
	first, isAlias := f.Node().DefaultChild().(awslambda.CfnAlias)
	if !isRule || !isAlias {
		panic("infra: a rule or alias is no resource")
	}
	later.AddDependency(first)
}

// grant gives each function the actions that it calls, on the resources that it calls them
// on. No function may scan a table. Only log-audit may append to the audit log, and no
// function may change or delete an entry.
func (s *service) grant() {
	f := s.functions
	s.grantTables()
	s.live[reserveInventory].GrantInvoke(f[createInvoice])
	s.grantQueues()
	s.bus.GrantPutEventsTo(f[publishEvent], nil)
	for _, fn := range []string{createInvoice, recoverSagas} {
		s.compensate.GrantStartExecution(f[fn])
		s.cancel.GrantStartExecution(f[fn])
		f[fn].AddEnvironment(jsii.String(deployment.CompensationARN), s.compensate.StateMachineArn(), nil)
		f[fn].AddEnvironment(jsii.String(deployment.CancellationARN), s.cancel.StateMachineArn(), nil)
	}
}

func (s *service) grantTables() {
	f, d := s.functions, s.data
	read := []string{"GetItem", "BatchGetItem", "Query"}
	saga, sagas := []string{"GetItem", "PutItem", "UpdateItem", "Query"}, []string{"SAGA#*"}
	allow(f[createInvoice], d.platform, "GetItem", "BatchGetItem", "PutItem", "UpdateItem")
	allow(f[createInvoice], d.invoices, "GetItem", "BatchGetItem", "PutItem", "UpdateItem")
	stock := []string{"PutItem", "UpdateItem", "Query", "ConditionCheckItem"}
	allow(f[reserveInventory], d.inventory, append(stock, "BatchGetItem")...)
	allow(f[reserveInventory], d.platform, "GetItem") // the merchant of a count
	allow(f[releaseInventory], d.inventory, stock...)
	allow(f[logAudit], d.platform, "GetItem", "BatchGetItem")
	allow(f[logAudit], d.audit, "Query")
	allowPartitions(f[logAudit], d.audit, []string{"LOG", "REGISTER#*"}, "PutItem")
	allow(f[publishEvent], d.platform, "GetItem", "BatchGetItem")
	allowPartitions(f[publishEvent], d.platform, sagas, "UpdateItem")
	allow(f[deleteInvoice], d.platform, "ConditionCheckItem")
	allow(f[deleteInvoice], d.invoices, "GetItem", "DeleteItem", "UpdateItem")
	allow(f[returnStock], d.inventory, stock...)
	allow(f[returnStock], d.invoices, "GetItem") // what was sold
	allow(f[voidNumber], d.platform, "ConditionCheckItem")
	allow(f[voidNumber], d.invoices, "GetItem", "UpdateItem")
	allow(f[settleSaga], d.platform, "GetItem")
	allowPartitions(f[settleSaga], d.platform, sagas, "PutItem", "UpdateItem")
	allow(f[recoverSagas], d.platform, append(saga, "BatchGetItem")...)
	allow(f[recoverSagas], d.audit, "GetItem", "BatchGetItem", "Query") // for its gauges
	allow(f[serveAPI], d.platform, read...)
	allowPartitions(f[serveAPI], d.platform, []string{"MERCHANT#*", "GSTIN#*"}, "UpdateItem", "DeleteItem")
	allow(f[serveAPI], d.invoices, read...)
	allow(f[confirmSales], d.inventory, append(stock, "BatchGetItem")...)
	allow(f[confirmSales], d.audit, "BatchGetItem", "Query")
	allow(f[managePrivacy], d.platform, "GetItem") // whether the merchant is a company
	allow(f[managePrivacy], d.invoices, "BatchGetItem", "Query")
}

func (s *service) grantQueues() {
	q, f := s.queues, s.functions
	for fn, sends := range map[string][]string{
		createInvoice:    {deployment.AuditQueue, deployment.PublishQueue, deployment.RequestsQueue, deployment.RequestsDLQ},
		reserveInventory: {deployment.InventoryDLQ},
		logAudit:         {deployment.PublishQueue, deployment.AuditDLQ},
		publishEvent:     {deployment.PublishDLQ},
		settleSaga:       {deployment.AuditQueue, deployment.PublishQueue},
		recoverSagas:     {deployment.AuditQueue},
		managePrivacy:    {deployment.AuditQueue},
		issueToken:       {deployment.AuditQueue},
		serveAPI:         {deployment.AuditQueue},
	} {
		for _, to := range sends {
			q[to].GrantSendMessages(f[fn])
		}
	}
	for _, probed := range []string{deployment.RequestsQueue, deployment.AuditQueue} { // by /health/ready
		q[probed].Grant(f[serveAPI], jsii.String("sqs:GetQueueAttributes"))
	}
	for _, measured := range sortedKeys(q) { // by the gauges
		q[measured].Grant(f[recoverSagas], jsii.String("sqs:GetQueueAttributes"))
	}
}

// allowPartitions lets a function call actions on the items of a table with these partition keys.
func allowPartitions(f awslambda.Function, t ddb.TableV2, partitions []string, actions ...string) {
	full := make([]*string, 0, len(actions))
	for _, a := range actions {
		full = append(full, jsii.String("dynamodb:"+a))
	}
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: &full, Resources: &[]*string{t.TableArn()},
		Conditions: &map[string]any{
			"ForAllValues:StringLike": map[string]any{"dynamodb:LeadingKeys": partitions},
		},
	}))
}

// allow lets a function call actions on a table; Query includes the table's index.
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
