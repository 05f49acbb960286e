package operations

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
)

// SQS is the subset of the SQS client that System uses.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(
		context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityOutput, error)
}

// Queue is a dead letter queue with its source, by URL. Source is empty for failed
// compensations, which are redriven as sagas.
type Queue struct {
	Name, Source, DLQ string
}

// System is a running system as an operator handles it.
type System struct {
	Sagas interface {
		Load(ctx context.Context, sagaID string) (saga.Record, error)
		Redrive(ctx context.Context, r saga.Record) (saga.Record, error)
		Stuck(ctx context.Context, limit int) ([]saga.Record, error)
	}
	Compensator interface {
		Start(ctx context.Context, r saga.Record) error
	}
	SQS      SQS
	Queues   []Queue
	Breaker  *breaker.Breaker // of the inventory
	Invoices *invoice.Store
	Locks    *lock.Store
	Now      func() time.Time
}

// Open returns the system that vars names (package deployment).
func Open(cfg aws.Config, vars *env.Reader, now func() time.Time) (*System, error) {
	db := dynamodb.NewFromConfig(cfg)
	platform := vars.Required(deployment.PlatformTable)
	sagas := saga.Open(db, saga.Config{Table: platform}, now)
	s := &System{
		Sagas: sagas,
		Compensator: saga.StepFunctions{
			Client:     sfn.NewFromConfig(cfg),
			MachineARN: vars.Required(deployment.CompensationARN),
			Sagas:      sagas,
		},
		SQS:      sqs.NewFromConfig(cfg),
		Queues:   queuesFromEnv(vars),
		Breaker:  breaker.New(db, breaker.Config{Table: platform, Name: "inventory"}, now),
		Invoices: invoice.NewStore(db, vars.Required(deployment.InvoicesTable)),
		Locks:    lock.New(db, lock.Config{Table: platform}, now),
		Now:      now,
	}
	return s, vars.Err()
}

// queuesFromEnv leaves out the events that the bus could not deliver: only the bus knows
// the target that each was meant for.
func queuesFromEnv(vars *env.Reader) []Queue {
	var list []Queue
	for _, q := range deployment.Queues() {
		switch {
		case q.DLQ == deployment.UndeliveredDLQ:
		case q.URL == "":
			list = append(list, Queue{Name: q.Name, DLQ: vars.Required(q.DLQ)})
		default:
			list = append(list, Queue{Name: q.Name, Source: vars.Required(q.URL), DLQ: vars.Required(q.DLQ)})
		}
	}
	return list
}
