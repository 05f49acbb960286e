package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	tasks "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// newCompensation returns the state machine that compensates a saga, last step first:
//
//	Delete Invoice owed? → Delete Invoice → Release Inventory owed? → Release Inventory → Settle Saga
//
// A compensation that fails after its retries sends a message to the dead letter queue, and
// the next compensation runs nevertheless. Settle Saga then records the saga as STUCK. The
// input of an execution is saga.Input.
func newCompensation(s *service) sfn.StateMachine {
	settle := s.invoke(step.Settle, s.functions[settleSaga], "settled")
	release := s.compensation(step.Release, step.ReleaseKey, s.functions[releaseInventory], settle)
	deletion := s.compensation(step.Delete, step.DeleteKey, s.functions[deleteInvoice], release)
	logs := awslogs.NewLogGroup(s.Stack, jsii.String("CompensationLogs"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/vendedlogs/states/invochain-compensate"),
		Retention:    awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	return sfn.NewStateMachine(s.Stack, jsii.String("Compensate"), &sfn.StateMachineProps{
		DefinitionBody: sfn.DefinitionBody_FromChainable(sfn.Chain_Start(deletion)),
		Comment:        jsii.String("Compensates a saga: " + step.Delete + ", " + step.Release),
		TracingEnabled: jsii.Bool(true),
		Logs:           &sfn.LogOptions{Destination: logs, Level: sfn.LogLevel_ALL, IncludeExecutionData: jsii.Bool(true)},
		Timeout:        awscdk.Duration_Millis(jsii.Number(step.ExecutionTimeout.Milliseconds())),
	})
}

// compensation returns the states that run one compensation if it is owed. They continue
// with next whether the compensation succeeds or fails.
func (s *service) compensation(name, key string, f awslambda.Function, next sfn.IChainable) sfn.State {
	task := s.invoke(name, f, "results."+key)
	dead := s.deadLetter(name, key)
	task.AddCatch(dead, &sfn.CatchProps{Errors: jsii.Strings("States.ALL"), ResultPath: jsii.String("$.results." + key)})
	task.Next(next)
	// The other compensation must run even if the message cannot be sent: the saga's record
	// is authoritative, the message is a copy for the operator.
	skip := sfn.NewPass(s.Stack, jsii.String(name+" DLQ unavailable"), nil)
	dead.AddCatch(skip, &sfn.CatchProps{Errors: jsii.Strings("States.ALL"), ResultPath: sfn.JsonPath_DISCARD()})
	dead.Next(next)
	skip.Next(next)
	return sfn.NewChoice(s.Stack, jsii.String(name+" owed?"), nil).
		When(sfn.Condition_BooleanEquals(jsii.String("$.pending."+key), jsii.Bool(true)), task, nil).
		Otherwise(next)
}

// invoke returns a task that calls a function and stores its output at $.RESULT.
func (s *service) invoke(name string, f awslambda.Function, result string) tasks.LambdaInvoke {
	task := tasks.NewLambdaInvoke(s.Stack, jsii.String(name), &tasks.LambdaInvokeProps{
		LambdaFunction: f, PayloadResponseOnly: jsii.Bool(true), RetryOnServiceExceptions: jsii.Bool(false),
		ResultPath: jsii.String("$." + result), TaskTimeout: sfn.Timeout_Duration(awscdk.Duration_Seconds(jsii.Number(15))),
	})
	task.AddRetry(backoff())
	return task
}

// backoff returns the retry policy of every task: exponential with full jitter, so that
// sagas that failed together do not retry together.
func backoff() *sfn.RetryProps {
	return &sfn.RetryProps{
		Errors: jsii.Strings("States.ALL"), Interval: awscdk.Duration_Seconds(jsii.Number(1)),
		BackoffRate: jsii.Number(2), MaxAttempts: jsii.Number(4),
		MaxDelay: awscdk.Duration_Seconds(jsii.Number(30)), JitterStrategy: sfn.JitterType_FULL,
	}
}

// deadLetter returns the task that reports a failed compensation to the dead letter queue.
func (s *service) deadLetter(name, key string) tasks.SqsSendMessage {
	task := tasks.NewSqsSendMessage(s.Stack, jsii.String(name+" to DLQ"), &tasks.SqsSendMessageProps{
		Queue: s.queues[deployment.CompensationDLQ], ResultPath: sfn.JsonPath_DISCARD(),
		TaskTimeout: sfn.Timeout_Duration(awscdk.Duration_Seconds(jsii.Number(5))),
		MessageBody: sfn.TaskInput_FromObject(&map[string]any{
			"saga_id":     sfn.JsonPath_StringAt(jsii.String("$.saga_id")),
			"merchant_id": sfn.JsonPath_StringAt(jsii.String("$.merchant_id")),
			"redrive":     sfn.JsonPath_NumberAt(jsii.String("$.redrive")),
			"step":        name,
			"error":       sfn.JsonPath_ObjectAt(jsii.String("$.results." + key)),
		}),
	})
	task.AddRetry(backoff())
	return task
}
