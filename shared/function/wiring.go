package function

import (
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// NewSagas returns the sagas of a platform table; each one that ends is counted.
func NewSagas(rt Runtime, db saga.API, table string) *saga.Store {
	return saga.Open(db, saga.Config{
		Table: table, Release: rt.Release, DueShards: rt.dueShards, OnEnd: telemetry.CountHook(metric.SagaCompleted),
	}, rt.Now)
}

// NewExecutor returns what starts the executions of sagas, in the trace of the request.
func NewExecutor(rt Runtime, m Machines, sagas *saga.Store) saga.StepFunctions {
	return saga.StepFunctions{
		Client:          sfn.NewFromConfig(rt.AWS),
		CompensationARN: m.Compensation,
		CancellationARN: m.Cancellation,
		Sagas:           sagas,
		TraceParent:     telemetry.TraceParent,
	}
}

// Machines are the ARNs of the state machines.
type Machines struct{ Compensation, Cancellation string }

// ReadMachines reads the ARNs from the environment.
func ReadMachines(vars *env.Reader) Machines {
	return Machines{
		Compensation: vars.Required(deployment.CompensationARN), Cancellation: vars.Required(deployment.CancellationARN),
	}
}

// NewProducer returns a producer of one queue, whose messages carry the trace.
func NewProducer(client *sqs.Client, url string) queue.Producer {
	return queue.Producer{SQS: client, URL: url, TraceParent: telemetry.TraceParent}
}

// NewConsumer returns a consumer that handles up to workers messages of a batch
// concurrently, each in its sender's trace.
func NewConsumer(rt Runtime, client *sqs.Client, url, dlq string, workers int) queue.Consumer {
	return queue.Consumer{
		SQS: client, Source: url, DLQ: dlq, Workers: workers, Log: rt.Log, OnReceive: telemetry.Message,
		Now: rt.Now,
	}
}
