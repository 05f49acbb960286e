package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Outbox sends JSON messages to one queue.
type Outbox struct {
	SQS   Sender
	URL   string
	Delay time.Duration // before a message can be received; whole seconds
}

// Send sends m. The message may arrive twice even when Send fails.
func (o Outbox) Send(ctx context.Context, m any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	text := string(body)
	_, err = o.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &o.URL, MessageBody: &text, DelaySeconds: int32(o.Delay / time.Second), //nolint:gosec // seconds of a short delay
	})
	if err != nil {
		return fmt.Errorf("send to a queue: %w", err)
	}
	return nil
}
