package queue

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/invochain/invochain/shared/batch"
)

// maxBatch is SQS's limit of messages in one request.
const maxBatch = 10

// BatchClient is the subset of the SQS client that BatchProducer uses.
type BatchClient interface {
	Sender
	SendMessageBatch(
		context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options),
	) (*sqs.SendMessageBatchOutput, error)
}

// BatchProducer is a Producer for concurrent senders, such as the handlers of a batch's
// messages: messages that are sent within 2 ms share a request, of at most ten. Each
// sender waits for its own message and gets its own error.
type BatchProducer struct {
	producer Producer
	client   BatchClient
	batcher  *batch.Batcher[*sqs.SendMessageInput, struct{}]
}

// NewBatchProducer returns a BatchProducer that sends to p's queue by client.
func NewBatchProducer(client BatchClient, p Producer) *BatchProducer {
	p.SQS = client
	b := &BatchProducer{producer: p, client: client}
	b.batcher = batch.New(maxBatch, b.send)
	return b
}

// Send sends m in a message group, see Producer.Send. The message may arrive twice, even if
// Send fails.
func (b *BatchProducer) Send(ctx context.Context, group string, m any) error {
	in, err := b.producer.input(ctx, group, m)
	if err != nil {
		return err
	}
	if _, err := b.batcher.Do(ctx, in); err != nil {
		return fmt.Errorf("send to a queue: %w", err)
	}
	return nil
}

func (b *BatchProducer) send(ctx context.Context, messages []*sqs.SendMessageInput) []batch.Result[struct{}] {
	results := make([]batch.Result[struct{}], len(messages))
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: m.MessageBody,
			DelaySeconds: m.DelaySeconds, MessageAttributes: m.MessageAttributes, MessageGroupId: m.MessageGroupId,
		}
	}
	out, err := b.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &b.producer.URL, Entries: entries})
	if err != nil {
		for i := range results {
			results[i].Err = err
		}
		return results
	}
	for _, f := range out.Failed {
		i, err := strconv.Atoi(aws.ToString(f.Id))
		if err == nil && i < len(results) {
			results[i].Err = refusal(f)
		}
	}
	return results
}

// refusal returns the error of a message that SQS refused alone.
func refusal(f types.BatchResultErrorEntry) error {
	e := &smithy.GenericAPIError{
		Code: aws.ToString(f.Code), Message: aws.ToString(f.Message), Fault: smithy.FaultServer,
	}
	if f.SenderFault {
		e.Fault = smithy.FaultClient
	}
	return e
}
