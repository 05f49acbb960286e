// Package operations holds what an operator does to a running system: list stuck sagas
// and dead letters, and redrive them.
package operations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/problem"
)

// SQS is the part of the client that an Operator calls.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// Queue is a queue with the one for what it gave up, by URL. Source is empty for
// compensations, which are redriven as sagas.
type Queue struct {
	Name, Source, DLQ string
}

// Operator acts on sagas and dead letters.
type Operator struct {
	Sagas interface {
		Load(ctx context.Context, sagaID string) (saga.Record, error)
		Redrive(ctx context.Context, r saga.Record) (saga.Record, error)
		Stuck(ctx context.Context, limit int) ([]saga.Record, error)
	}
	Undoer interface {
		Start(ctx context.Context, r saga.Record) error
	}
	SQS    SQS
	Queues []Queue
}

// RedriveSaga begins the compensation of a stuck saga again, from what failed.
// Errors: problem.NotFound; saga.ErrLost for a saga that owes no compensation.
func (o Operator) RedriveSaga(ctx context.Context, sagaID string) (saga.Record, error) {
	r, err := o.Sagas.Load(ctx, sagaID)
	if err != nil {
		return r, err
	}
	if r, err = o.Sagas.Redrive(ctx, r); err != nil {
		return r, err
	}
	return r, o.Undoer.Start(ctx, r)
}

// StuckSagas lists sagas that need a person, or time.
func (o Operator) StuckSagas(ctx context.Context) ([]saga.Record, error) {
	return o.Sagas.Stuck(ctx, 100)
}

// queue by name.
func (o Operator) queue(name string) (Queue, error) {
	i := slices.IndexFunc(o.Queues, func(q Queue) bool { return q.Name == name })
	if i < 0 {
		return Queue{}, fmt.Errorf("there is no queue %q", name)
	}
	return o.Queues[i], nil
}

// Redrive sends what is in a queue's DLQ on its way again and tells how many
// messages that were. A message goes back with its body alone, as it first came;
// what consumes it knows duplicates. One that is given up again meanwhile stays: it
// is not sent round and round. A failed compensation is redriven as its saga, or
// dropped when that has ended.
func (o Operator) Redrive(ctx context.Context, name string) (int, error) {
	q, err := o.queue(name)
	if err != nil {
		return 0, err
	}
	sent := map[string]bool{}
	var again []types.Message
	for {
		messages, err := o.receive(ctx, q)
		if err != nil {
			return len(sent), err
		}
		before := len(sent)
		for _, m := range messages {
			if sent[*m.Body] {
				again = append(again, m)
				continue
			}
			if err := o.redriveOne(ctx, q, m); err != nil {
				return len(sent), err
			}
			sent[*m.Body] = true
		}
		if len(sent) == before {
			return len(sent), o.release(ctx, q, again)
		}
	}
}

func (o Operator) redriveOne(ctx context.Context, q Queue, m types.Message) error {
	if err := o.sendBack(ctx, q, *m.Body); err != nil {
		return err
	}
	return o.delete(ctx, q, m)
}

func (o Operator) sendBack(ctx context.Context, q Queue, body string) error {
	if q.Source != "" {
		_, err := o.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.Source, MessageBody: &body})
		return err
	}
	var undone events.CompensationFailed
	if err := json.Unmarshal([]byte(body), &undone); err != nil {
		return fmt.Errorf("read a failed compensation: %w", err)
	}
	_, err := o.RedriveSaga(ctx, undone.SagaID)
	var known *problem.Error
	if errors.Is(err, saga.ErrLost) || errors.As(err, &known) {
		return nil // it has ended, or was forgotten after its time
	}
	return err
}
