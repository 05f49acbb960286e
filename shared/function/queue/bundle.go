package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/batch"
)

// maxBatch is the most that SQS takes in a call.
const maxBatch = 10

// BatchClient is the part of the SQS client that a Bundle calls.
type BatchClient interface {
	Sender
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// BatchProducer is an outbox that many send to side by side, such as the messages of one
// batch: what is sent within 2 ms goes out in one call, of at most ten. Each sender
// waits for its own message, and has its own error.
type BatchProducer struct {
	box   Producer
	bulk  BatchClient
	calls *batch.Batcher[*sqs.SendMessageInput, struct{}]
}

// NewBatchProducer gathers what is sent to box, by client.
func NewBatchProducer(client BatchClient, box Producer) *BatchProducer {
	box.SQS = client
	b := &BatchProducer{box: box, bulk: client}
	b.calls = batch.New(maxBatch, b.send)
	return b
}

// Send sends m. The message may arrive twice even when Send fails.
func (b *BatchProducer) Send(ctx context.Context, m any) error {
	in, err := b.box.input(ctx, m)
	if err != nil {
		return err
	}
	if _, err := b.calls.Do(ctx, in); err != nil {
		return fmt.Errorf("send to a queue: %w", err)
	}
	return nil
}

func (b *BatchProducer) send(ctx context.Context, messages []*sqs.SendMessageInput) []batch.Result[struct{}] {
	answers := make([]batch.Result[struct{}], len(messages))
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: m.MessageBody, DelaySeconds: m.DelaySeconds, MessageAttributes: m.MessageAttributes,
		}
	}
	out, err := b.bulk.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &b.box.URL, Entries: entries})
	if err != nil {
		for i := range answers {
			answers[i].Err = err
		}
		return answers
	}
	for _, f := range out.Failed {
		i, err := strconv.Atoi(aws.ToString(f.Id))
		if err == nil && i < len(answers) {
			answers[i].Err = errors.New(aws.ToString(f.Message))
		}
	}
	return answers
}
