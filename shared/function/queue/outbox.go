package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Producer sends JSON messages to one queue.
type Producer struct {
	SQS   Sender
	URL   string
	Delay time.Duration // before a message can be received; whole seconds
	// Trace names the sender's span, as a W3C traceparent, for the message's attribute
	// of that name; nil for none.
	TraceParent func(context.Context) string
}

// Send sends m. The message may arrive twice even when Send fails.
func (o Producer) Send(ctx context.Context, m any) error {
	in, err := o.input(ctx, m)
	if err != nil {
		return err
	}
	if _, err = o.SQS.SendMessage(ctx, in); err != nil {
		return fmt.Errorf("send to a queue: %w", err)
	}
	return nil
}

func (o Producer) input(ctx context.Context, m any) (*sqs.SendMessageInput, error) {
	body, err := json.Marshal(m)
	text := string(body)
	return &sqs.SendMessageInput{
		QueueUrl: &o.URL, MessageBody: &text, DelaySeconds: int32(o.Delay / time.Second), //nolint:gosec // seconds of a short delay
		MessageAttributes: o.attributes(ctx),
	}, err
}

func (o Producer) attributes(ctx context.Context) map[string]types.MessageAttributeValue {
	if o.TraceParent == nil {
		return nil
	}
	parent := o.TraceParent(ctx)
	if parent == "" {
		return nil
	}
	return map[string]types.MessageAttributeValue{AttrTrace: text(parent)}
}
