package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	tasks "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// newCompensation returns the state machine that compensates a saga, last step first:
//
//	Delete Invoice owed? → Delete Invoice → Release Inventory owed? → Release Inventory → Settle Saga
//
// A step that fails after its retries sends a message to the dead letter queue, and the next one
// runs nevertheless. Settle Saga then records the saga as STUCK. The input of an execution is
// saga.Input.
func newCompensation(s *service) sfn.StateMachine {
	f := s.live
	settle := s.invoke(s.Stack, step.Settle, f[settleSaga], "settled")
	release := s.owed(s.Stack, step.Keyed{Key: step.ReleaseKey, Name: step.Release}, f[releaseInventory], settle)
	deletion := s.owed(s.Stack, step.Keyed{Key: step.DeleteKey, Name: step.Delete}, f[deleteInvoice], release)
	return s.machine("Compensate", "CompensationLogs", "Compensates a saga: "+step.Delete+", "+step.Release, deletion)
}

// newCancellation returns the state machine that cancels an invoice which the API holds:
//
//	Return Stock owed? → Return Stock → Void Number owed? → Void Number → Settle Saga
//
// A step that fails is dealt with as in newCompensation: what is left is tried again by recovery.
func newCancellation(s *service) sfn.StateMachine {
	scope, f := constructs.NewConstruct(s.Stack, jsii.String("Cancellation")), s.live
	settle := s.invoke(scope, step.Settle, f[settleSaga], "settled")
	void := s.owed(scope, step.Keyed{Key: step.VoidKey, Name: step.Void}, f[voidNumber], settle)
	back := s.owed(scope, step.Keyed{Key: step.ReturnKey, Name: step.Return}, f[returnStock], void)
	return s.machine("Cancel", "CancellationLogs", "Cancels an invoice: "+step.Return+", "+step.Void, back)
}

// machine returns a state machine whose executions end within step.ExecutionTimeout.
func (s *service) machine(id, logsID, comment string, first sfn.IChainable) sfn.StateMachine {
	logs := awslogs.NewLogGroup(s.Stack, jsii.String(logsID), &awslogs.LogGroupProps{
		LogGroupName: jsii.String("/aws/vendedlogs/states/" + inCell(s.cell, "invochain-"+strings.ToLower(id))),
		Retention:    awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	return sfn.NewStateMachine(s.Stack, jsii.String(id), &sfn.StateMachineProps{
		DefinitionBody: sfn.DefinitionBody_FromChainable(sfn.Chain_Start(first)),
		Comment:        &comment,
		TracingEnabled: jsii.Bool(true),
		Logs:           &sfn.LogOptions{Destination: logs, Level: sfn.LogLevel_ALL, IncludeExecutionData: jsii.Bool(true)},
		Timeout:        awscdk.Duration_Millis(jsii.Number(step.ExecutionTimeout.Milliseconds())),
	})
}

// owed returns the states that run one step if it is owed. They continue with next whether the
// step succeeds or fails.
func (s *service) owed(scope constructs.Construct, k step.Keyed, f awslambda.Alias, next sfn.IChainable) sfn.State {
	task := s.invoke(scope, k.Name, f, "results."+k.Key)
	dead := s.deadLetter(scope, k)
	task.AddCatch(dead, &sfn.CatchProps{Errors: jsii.Strings("States.ALL"), ResultPath: jsii.String("$.results." + k.Key)})
	task.Next(next)
	// The next step must run even if the message cannot be sent: the saga's record
	// is authoritative, the message is a copy for the operator.
	skip := sfn.NewPass(scope, jsii.String(k.Name+" DLQ unavailable"), nil)
	dead.AddCatch(skip, &sfn.CatchProps{Errors: jsii.Strings("States.ALL"), ResultPath: sfn.JsonPath_DISCARD()})
	dead.Next(next)
	skip.Next(next)
	return sfn.NewChoice(scope, jsii.String(k.Name+" owed?"), nil).
		When(sfn.Condition_BooleanEquals(jsii.String("$.pending."+k.Key), jsii.Bool(true)), task, nil).
		Otherwise(next)
}

// invoke returns a task that calls a function and stores its output at $.RESULT.
func (s *service) invoke(
	scope constructs.Construct, name string, f awslambda.Alias, result string,
) tasks.LambdaInvoke {
	task := tasks.NewLambdaInvoke(scope, jsii.String(name), &tasks.LambdaInvokeProps{
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

// deadLetter returns the task that reports a failed step to the dead letter queue.
func (s *service) deadLetter(scope constructs.Construct, k step.Keyed) tasks.SqsSendMessage {
	task := tasks.NewSqsSendMessage(scope, jsii.String(k.Name+" to DLQ"), &tasks.SqsSendMessageProps{
		Queue: s.queues[deployment.CompensationDLQ], ResultPath: sfn.JsonPath_DISCARD(),
		TaskTimeout: sfn.Timeout_Duration(awscdk.Duration_Seconds(jsii.Number(5))),
		MessageBody: sfn.TaskInput_FromObject(&map[string]any{
			"saga_id":     sfn.JsonPath_StringAt(jsii.String("$.saga_id")),
			"merchant_id": sfn.JsonPath_StringAt(jsii.String("$.merchant_id")),
			"redrive":     sfn.JsonPath_NumberAt(jsii.String("$.redrive")),
			"step":        k.Name,
			"error":       sfn.JsonPath_ObjectAt(jsii.String("$.results." + k.Key)),
		}),
	})
	task.AddRetry(backoff())
	return task
}
