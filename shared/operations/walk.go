package operations

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// visibilityTimeout hides a message from other readers while it is handled, in seconds.
	// A program that is killed hides its messages for no longer than this.
	visibilityTimeout = 30
	// maxBatch is SQS's limit of messages in one call.
	maxBatch = 10
	// releaseTimeout bounds how long messages are made visible again, also after ctx ended.
	releaseTimeout = 5 * time.Second
)

// errEnough ends a walk before the end of the queue.
var errEnough = errors.New("enough")

// walk receives each message of a dead letter queue and calls visit, which reports whether
// the message stays. At its end, and when visit returns an error, it makes the messages that
// stay visible again. A message that comes a second time, since it was hidden for long
// enough, is not visited again.
func (s *System) walk(ctx context.Context, q Queue, visit func(types.Message) (stays bool, err error)) error {
	held := map[string]*string{} // receipt handles by id
	seen := map[string]bool{}
	defer func() { s.release(ctx, q, held) }()
	for {
		messages, err := s.receive(ctx, q)
		if err != nil {
			return err
		}
		fresh := slices.DeleteFunc(slices.Clone(messages), func(m types.Message) bool { return seen[*m.MessageId] })
		if len(fresh) == 0 {
			return nil
		}
		for _, m := range messages {
			held[*m.MessageId] = m.ReceiptHandle
		}
		for _, m := range fresh {
			seen[*m.MessageId] = true
			stays, err := visit(m)
			if !stays {
				delete(held, *m.MessageId)
			}
			if errors.Is(err, errEnough) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// receive returns up to maxBatch messages; none when the queue has no visible one. The wait
// makes SQS look on all of its servers.
func (s *System) receive(ctx context.Context, q Queue) ([]types.Message, error) {
	out, err := s.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.DLQ, MaxNumberOfMessages: maxBatch, VisibilityTimeout: visibilityTimeout, WaitTimeSeconds: 1,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameSentTimestamp},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// release makes messages visible again, by their receipt handles. One that this fails for becomes visible by itself.
func (s *System) release(ctx context.Context, q Queue, held map[string]*string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	for _, handle := range held {
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(len(entries) % maxBatch)), ReceiptHandle: handle,
		})
	}
	for batch := range slices.Chunk(entries, maxBatch) {
		_, _ = s.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
			QueueUrl: &q.DLQ, Entries: batch,
		})
	}
}

func (s *System) delete(ctx context.Context, q Queue, m types.Message) error {
	_, err := s.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.DLQ, ReceiptHandle: m.ReceiptHandle})
	return err
}
