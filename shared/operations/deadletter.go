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

// DeadLetter is a message that was given up, with its reason.
type DeadLetter struct {
	Queue, Code, Reason, Body string
}

// hidden is for how long a message that is looked at stays out of others' sight.
const hidden = 30 // seconds

// maxListed bounds what is looked at in one queue.
const maxListed = 100

// DeadLetters lists what is in the DLQs. A failed compensation whose saga has
// ended is dropped as it is looked at: the saga's record is the truth.
func (o Operator) DeadLetters(ctx context.Context) ([]DeadLetter, error) {
	letters := []DeadLetter{}
	for _, q := range o.Queues {
		found, err := o.peek(ctx, q)
		if err != nil {
			return nil, err
		}
		letters = append(letters, found...)
	}
	return letters, nil
}

func (o Operator) peek(ctx context.Context, q Queue) ([]DeadLetter, error) {
	var letters []DeadLetter
	var looked []types.Message
	for len(looked) < maxListed {
		messages, err := o.receive(ctx, q)
		if err != nil {
			return nil, err
		}
		if len(messages) == 0 {
			break
		}
		for _, m := range messages {
			if q.Source == "" && o.isResolved(ctx, *m.Body) {
				if err := o.delete(ctx, q, m); err != nil {
					return nil, err
				}
				continue
			}
			looked = append(looked, m)
			letters = append(letters, newDeadLetter(q, m))
		}
	}
	return letters, o.release(ctx, q, looked)
}

func newDeadLetter(q Queue, m types.Message) DeadLetter {
	attr := func(name string) string { return aws.ToString(m.MessageAttributes[name].StringValue) }
	l := DeadLetter{Queue: q.Name, Code: attr(queue.AttrCode), Reason: attr(queue.AttrReason), Body: *m.Body}
	var undone events.CompensationFailed
	if q.Source == "" && json.Unmarshal([]byte(l.Body), &undone) == nil {
		l.Code, l.Reason = "compensation_failed", undone.Step+": "+string(undone.Error)
	}
	if l.Code == "" {
		l.Code = "crashed" // the redrive policy moved it, nobody wrote a reason
	}
	return l
}

// isResolved tells whether the saga of a failed compensation has ended.
func (o Operator) isResolved(ctx context.Context, body string) bool {
	var undone events.CompensationFailed
	if json.Unmarshal([]byte(body), &undone) != nil {
		return false
	}
	r, err := o.Sagas.Load(ctx, undone.SagaID)
	return err == nil && r.State.Ended()
}

func (o Operator) receive(ctx context.Context, q Queue) ([]types.Message, error) {
	out, err := o.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.DLQ, MaxNumberOfMessages: 10, VisibilityTimeout: hidden, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// release lets others see messages that were looked at.
func (o Operator) release(ctx context.Context, q Queue, messages []types.Message) error {
	for _, m := range messages {
		_, err := o.SQS.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &q.DLQ, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o Operator) delete(ctx context.Context, q Queue, m types.Message) error {
	_, err := o.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.DLQ, ReceiptHandle: m.ReceiptHandle})
	return err
}
