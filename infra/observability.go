package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/infra/dashboards/panel"
	"github.com/invochain/invochain/shared/deployment"
)

// observability is the stack of the dashboard, the alarms and the topics that they notify.
type observability struct {
	awscdk.Stack
	cell   string
	topics map[alert.Severity]awssns.Topic
}

func newObservability(app awscdk.App, s *service) awscdk.Stack {
	o := observability{Stack: newStack(app, "Observability", "InvoChain: dashboard, alarms"), cell: s.cell}
	// The engineer on call subscribes to Pages, the team to Tickets.
	o.topics = map[alert.Severity]awssns.Topic{alert.Page: o.topic("Pages"), alert.Ticket: o.topic("Tickets")}
	o.addDashboard()
	for _, a := range alert.All() {
		o.addAlert(a)
	}
	o.addQueueAlarms(s.queues)
	// The alarms of earlier versions import it, and CloudFormation deletes no export in use.
	s.ExportValue(s.queues[deployment.CompensationDLQ].QueueName(), nil)
	o.addAlert(alert.KeysNotRotated(*s.functions[rotateKeys].FunctionName()))
	o.addAlert(alert.SalesNotCompared(*s.functions[confirmSales].FunctionName()))
	for id, m := range map[string]sfn.StateMachine{"Compensation": s.compensate, "Cancellation": s.cancel} {
		o.addAlarm(id+"Failed", m.MetricFailed(sum()), 1, alert.Ticket,
			"A "+strings.ToLower(id)+" execution failed; recovery starts another one. docs/runbooks/stuck-saga.md")
	}
	o.addCapacityAlerts(s)
	return o.Stack
}

func (o observability) topic(id string) awssns.Topic {
	t := awssns.NewTopic(o.Stack, jsii.String(id), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	awscdk.NewCfnOutput(o.Stack, jsii.String("Output"+id), &awscdk.CfnOutputProps{Value: t.TopicArn()})
	return t
}

func (o observability) addDashboard() {
	body, err := panel.CloudWatch(panel.Operator(), o.cell)
	if err != nil {
		panic("infra: " + err.Error())
	}
	cw.NewCfnDashboard(o.Stack, jsii.String("Dashboard"), &cw.CfnDashboardProps{
		DashboardName: jsii.String(inCell(o.cell, "InvoChain")), DashboardBody: awscdk.Fn_Sub(jsii.String(body), nil),
	})
}

// addQueueAlarms adds the alarms on CloudWatch's own metrics of each queue: the age of
// the oldest message, and more messages in a dead letter queue than a minute before. That of failed
// compensations holds copies: SagaStuck is the alarm for what they say.
func (o observability) addQueueAlarms(q queues) {
	alerts := map[string]alert.Alert{}
	for _, a := range alert.All() {
		alerts[a.Name] = a
	}
	dead, left, old := alerts[alert.DeadLetters], alerts[alert.DeadLettersOld], alerts[alert.QueueOld]
	for _, d := range deployment.Queues() {
		if d.DLQ != deployment.CompensationDLQ {
			o.addArrivalAlarm(dlqID(d)+"Grew", q[d.DLQ], dead)
			age := q[d.DLQ].MetricApproximateAgeOfOldestMessage(maximum()) // seconds
			o.addAlarm(dlqID(d)+"Old", age, alert.DeadLetterAge.Seconds(), left.Severity, describe(left))
		}
		if d.URL != "" {
			age := q[d.URL].MetricApproximateAgeOfOldestMessage(maximum())
			o.addAlarm(queueID(d)+"Old", age, 300, old.Severity, describe(old))
		}
	}
}

// addArrivalAlarm adds an alarm that notifies when messages arrive in a queue, whatever lies there, and
// ends when none has for a while. A message that is being listed counts like one that is visible. Recovery
// reads the queue each minute, so that SQS reports it without a gap.
func (o observability) addArrivalAlarm(id string, q awssqs.Queue, a alert.Alert) {
	grown := cw.NewMathExpression(&cw.MathExpressionProps{
		Expression: jsii.String("DIFF(visible + hidden)"), Period: awscdk.Duration_Minutes(jsii.Number(1)),
		UsingMetrics: &map[string]cw.IMetric{
			"visible": q.MetricApproximateNumberOfMessagesVisible(maximum()),
			"hidden":  q.MetricApproximateNumberOfMessagesNotVisible(maximum()),
		},
	})
	o.notify(grown.CreateAlarm(o.Stack, jsii.String(id), &cw.CreateAlarmOptions{
		Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(alert.ArrivalWindow.Minutes()),
		DatapointsToAlarm: jsii.Number(1), AlarmDescription: jsii.String(describe(a)),
		ComparisonOperator: cw.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   cw.TreatMissingData_NOT_BREACHING,
	}), a.Severity)
}

func sum() *cw.MetricOptions     { return everyMinute("Sum") }
func maximum() *cw.MetricOptions { return everyMinute("Maximum") }

func everyMinute(statistic string) *cw.MetricOptions {
	return &cw.MetricOptions{Statistic: jsii.String(statistic), Period: awscdk.Duration_Minutes(jsii.Number(1))}
}

// addAlarm adds an alarm that notifies in the first minute in which m reaches the threshold.
func (o observability) addAlarm(
	id string, m cw.Metric, threshold float64, severity alert.Severity, description string,
) {
	o.notify(m.CreateAlarm(o.Stack, jsii.String(id), &cw.CreateAlarmOptions{
		Threshold: jsii.Number(threshold), EvaluationPeriods: jsii.Number(1), AlarmDescription: jsii.String(description),
		ComparisonOperator: cw.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   cw.TreatMissingData_NOT_BREACHING,
	}), severity)
}

// notify lets an alarm notify the topic of its severity.
func (o observability) notify(a cw.Alarm, severity alert.Severity) {
	if resource, ok := a.Node().DefaultChild().(cw.CfnAlarm); ok {
		resource.SetAlarmActions(o.actions(severity))
	}
}
