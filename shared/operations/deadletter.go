// Package operations holds what an operator does to a running system: list stuck sagas
// and dead letters, redrive them, force the breaker, and take over a series.
package operations

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/function/queue"
)

// DeadLetter is a dead-lettered message with its reason.
type DeadLetter struct {
	Queue, Code, Reason, Body string
}

// visibilityTimeout hides a message from other readers while it is listed, in seconds.
const visibilityTimeout = 30

// maxListed bounds how many messages of one queue are listed.
const maxListed = 100

// DeadLetters lists the messages of all dead letter queues. A failed compensation whose
// saga has ended is deleted instead: the saga's record is the source of truth.
func (s *System) DeadLetters(ctx context.Context) ([]DeadLetter, error) {
	list := []DeadLetter{}
	for _, q := range s.Queues {
		found, err := s.peek(ctx, q)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// peek reads a queue and makes its messages visible again.
func (s *System) peek(ctx context.Context, q Queue) ([]DeadLetter, error) {
	var list []DeadLetter
	var read []types.Message
	for len(read) < maxListed {
		messages, err := s.receive(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(messages) == 0 {
			break
		}
		for _, m := range messages {
			if q.Source == "" && s.isResolved(ctx, *m.Body) {
				if err := s.delete(ctx, q, m); err != nil {
					return nil, err
				}
				continue
			}
			read = append(read, m)
			list = append(list, newDeadLetter(q, m))
		}
	}
	return list, s.release(ctx, q, read)
}

func newDeadLetter(q Queue, m types.Message) DeadLetter {
	attr := func(name string) string { return aws.ToString(m.MessageAttributes[name].StringValue) }
	l := DeadLetter{Queue: q.Name, Code: attr(queue.AttrCode), Reason: attr(queue.AttrReason), Body: *m.Body}
	var failed events.CompensationFailed
	if q.Source == "" && json.Unmarshal([]byte(l.Body), &failed) == nil {
		l.Code, l.Reason = "compensation_failed", failed.Step+": "+string(failed.Error)
	}
	if l.Code == "" {
		l.Code = "crashed" // moved by the redrive policy, without a reason
	}
	return l
}

// isResolved reports whether the saga of a failed compensation has ended.
func (s *System) isResolved(ctx context.Context, body string) bool {
	var failed events.CompensationFailed
	if json.Unmarshal([]byte(body), &failed) != nil {
		return false
	}
	r, err := s.Sagas.Load(ctx, failed.SagaID)
	return err == nil && r.State.Ended()
}

func (s *System) receive(ctx context.Context, q Queue) ([]types.Message, error) {
	out, err := s.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:              &q.DLQ,
		MaxNumberOfMessages:   10,
		VisibilityTimeout:     visibilityTimeout,
		MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// release makes messages visible again.
func (s *System) release(ctx context.Context, q Queue, messages []types.Message) error {
	for _, m := range messages {
		_, err := s.SQS.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &q.DLQ, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *System) delete(ctx context.Context, q Queue, m types.Message) error {
	_, err := s.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.DLQ, ReceiptHandle: m.ReceiptHandle})
	return err
}
