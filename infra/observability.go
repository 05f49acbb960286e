package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// newObservability is the stack of alarms: what a person must be told of.
func newObservability(app awscdk.App, s *service) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("InvoChain-Observability"), &awscdk.StackProps{
		Description: jsii.String("InvoChain: alarms"),
	})
	queues := s.queues.byOutput()
	for _, name := range sortedKeys(queues) {
		if q := queues[name]; name[len(name)-3:] == "DLQ" {
			alarm(stack, name+"NotEmpty", q.MetricApproximateNumberOfMessagesVisible(maximum()), 1,
				"Messages were given up. docs/runbooks/dlq.md")
			continue
		}
		alarm(stack, name+"Old", queues[name].MetricApproximateAgeOfOldestMessage(maximum()), 300,
			"Messages wait for more than five minutes. docs/runbooks/dlq.md")
	}
	alarm(stack, "CompensationFailed", s.machine.MetricFailed(sum()), 1,
		"A compensation's execution failed; recovery starts another. docs/runbooks/stuck-saga.md")
	alarm(stack, "RecoveryFailing", s.functions[recoverSagas].MetricErrors(sum()), 2,
		"Overdue sagas are not picked up. docs/runbooks/stuck-saga.md")
	for _, name := range sortedKeys(s.functions) {
		alarm(stack, pascal(name)+"Throttled", s.functions[name].MetricThrottles(sum()), 1,
			"A function is refused for want of concurrency. docs/runbooks/dlq.md")
	}
	alarm(stack, "ApiFailing", s.api.MetricServerError(sum()), 5,
		"Requests fail on our side. docs/runbooks/stuck-saga.md")
	return stack
}

func sum() *cw.MetricOptions {
	return &cw.MetricOptions{Statistic: jsii.String("Sum"), Period: awscdk.Duration_Minutes(jsii.Number(1))}
}

func maximum() *cw.MetricOptions {
	return &cw.MetricOptions{Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(1))}
}

// alarm goes off in the first minute that reaches the threshold.
func alarm(stack awscdk.Stack, id string, m cw.Metric, threshold float64, what string) {
	m.CreateAlarm(stack, jsii.String(id), &cw.CreateAlarmOptions{
		Threshold: jsii.Number(threshold), EvaluationPeriods: jsii.Number(1), AlarmDescription: jsii.String(what),
		ComparisonOperator: cw.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   cw.TreatMissingData_NOT_BREACHING,
	})
}
