package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// AttrTrace is the message attribute with the sender's span, as a W3C traceparent.
const AttrTrace = "traceparent"

// Sender is the subset of the SQS client that Producer uses.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Producer sends JSON messages to one queue.
type Producer struct {
	SQS   Sender
	URL   string
	Delay time.Duration // before a message can be received; whole seconds
	// TraceParent returns the sender's span for AttrTrace, or an empty string. Optional.
	TraceParent func(context.Context) string
}

// Send sends m in a message group. The message may arrive twice, even if Send fails.
//
// A standard queue with groups is a fair queue: while the messages of one group are many or
// slow, SQS delivers those of the others first. A group is a tenant: up to 128 ASCII letters, digits
// and punctuation marks. An empty group is the platform's.
func (p Producer) Send(ctx context.Context, group string, m any) error {
	in, err := p.input(ctx, group, m)
	if err != nil {
		return err
	}
	if _, err = p.SQS.SendMessage(ctx, in); err != nil {
		return fmt.Errorf("send to a queue: %w", err)
	}
	return nil
}

func (p Producer) input(ctx context.Context, group string, m any) (*sqs.SendMessageInput, error) {
	body, err := encode(m)
	return &sqs.SendMessageInput{
		QueueUrl: &p.URL, MessageBody: &body, MessageAttributes: p.attributes(ctx), MessageGroupId: GroupID(group),
		DelaySeconds: int32(p.Delay / time.Second), //nolint:gosec // SQS allows 900 s
	}, err
}

// platform is the group of messages that belong to no tenant, such as an operator's acts.
const platform = "platform"

// GroupID returns a group as SQS takes it, which refuses an empty one.
func GroupID(group string) *string {
	if group == "" {
		group = platform
	}
	return &group
}

func (p Producer) attributes(ctx context.Context) map[string]types.MessageAttributeValue {
	if p.TraceParent == nil {
		return nil
	}
	parent := p.TraceParent(ctx)
	if parent == "" {
		return nil
	}
	return map[string]types.MessageAttributeValue{AttrTrace: attributeValue(parent)}
}
