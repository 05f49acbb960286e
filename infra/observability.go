package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/infra/dashboards/panel"
)

// observability is the stack of what a person looks at, and must be told of.
type observability struct {
	awscdk.Stack
	topics map[alert.Severity]awssns.Topic
}

func newObservability(app awscdk.App, s *service) awscdk.Stack {
	o := observability{Stack: awscdk.NewStack(app, jsii.String("InvoChain-Observability"), &awscdk.StackProps{
		Description: jsii.String("InvoChain: dashboard, alarms"),
	})}
	// Whoever is to be told subscribes to these: on call to Pages, the team to Tickets.
	o.topics = map[alert.Severity]awssns.Topic{alert.Page: o.topic("Pages"), alert.Ticket: o.topic("Tickets")}
	o.dashboard()
	for _, a := range alert.All() {
		o.watch(a)
	}
	o.watchQueues(s)
	o.alarm("CompensationFailed", s.machine.MetricFailed(sum()), 1, alert.Ticket,
		"A compensation's execution failed; recovery starts another. docs/runbooks/stuck-saga.md")
	for _, name := range sortedKeys(s.functions) {
		o.alarm(pascal(name)+"Throttled", s.functions[name].MetricThrottles(sum()), 1, alert.Ticket,
			"A function is refused for want of concurrency. docs/runbooks/errors.md")
	}
	return o.Stack
}

func (o observability) topic(id string) awssns.Topic {
	t := awssns.NewTopic(o.Stack, jsii.String(id), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	awscdk.NewCfnOutput(o.Stack, jsii.String("Output"+id), &awscdk.CfnOutputProps{Value: t.TopicArn()})
	return t
}

func (o observability) dashboard() {
	body, err := panel.CloudWatch(panel.Operator())
	if err != nil {
		panic("infra: " + err.Error())
	}
	cw.NewCfnDashboard(o.Stack, jsii.String("Dashboard"), &cw.CfnDashboardProps{
		DashboardName: jsii.String("InvoChain"), DashboardBody: awscdk.Fn_Sub(jsii.String(body), nil),
	})
}

// watchQueues: CloudWatch has metrics of each queue.
func (o observability) watchQueues(s *service) {
	queues, told := s.queues.byOutput(), map[string]alert.Alert{}
	for _, a := range alert.All() {
		told[a.Name] = a
	}
	dead, old := told[alert.DeadLetters], told[alert.QueueOld]
	for _, name := range sortedKeys(queues) {
		if strings.HasSuffix(name, "DLQ") {
			o.alarm(name+"NotEmpty", queues[name].MetricApproximateNumberOfMessagesVisible(maximum()), 1, dead.Severity, describe(dead))
			continue
		}
		o.alarm(name+"Old", queues[name].MetricApproximateAgeOfOldestMessage(maximum()), 300, old.Severity, describe(old))
	}
}

func sum() *cw.MetricOptions {
	return &cw.MetricOptions{Statistic: jsii.String("Sum"), Period: awscdk.Duration_Minutes(jsii.Number(1))}
}

func maximum() *cw.MetricOptions {
	return &cw.MetricOptions{Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(1))}
}

// alarm goes off in the first minute that reaches the threshold.
func (o observability) alarm(id string, m cw.Metric, threshold float64, severity alert.Severity, what string) {
	a := m.CreateAlarm(o.Stack, jsii.String(id), &cw.CreateAlarmOptions{
		Threshold: jsii.Number(threshold), EvaluationPeriods: jsii.Number(1), AlarmDescription: jsii.String(what),
		ComparisonOperator: cw.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   cw.TreatMissingData_NOT_BREACHING,
	})
	if resource, ok := a.Node().DefaultChild().(cw.CfnAlarm); ok {
		resource.SetAlarmActions(o.tell(severity))
	}
}
