package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
)

// Tap is a queue that receives the system's events of one type while it is open.
type Tap struct {
	s         *Stack
	name, bus string
	URL       string
}

// TapMost is the maximum number of events that Next returns.
const TapMost = 10

// Tap opens a tap on the events of a type.
func (s *Stack) Tap(ctx context.Context, kind string) (*Tap, error) {
	t := &Tap{s: s, name: "tap-" + client.NewKey(), bus: s.Vars(deployment.BusName)}
	q, err := s.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &t.name})
	if err != nil {
		return nil, err
	}
	t.URL = *q.QueueUrl
	attrs, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return nil, err
	}
	pattern := fmt.Sprintf(`{"source":["invochain"],"detail-type":[%q]}`, kind)
	if _, err := s.Bus.PutRule(
		ctx,
		&eventbridge.PutRuleInput{Name: &t.name, EventBusName: &t.bus, EventPattern: &pattern},
	); err != nil {
		return nil, err
	}
	_, err = s.Bus.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule:         &t.name,
		EventBusName: &t.bus,
		Targets:      []ebtypes.Target{{Id: aws.String("q"), Arn: aws.String(attrs.Attributes["QueueArn"])}},
	})
	return t, err
}

// Close deletes the tap's queue and rule.
func (t *Tap) Close(ctx context.Context) error {
	_, target := t.s.Bus.RemoveTargets(
		ctx,
		&eventbridge.RemoveTargetsInput{Rule: &t.name, EventBusName: &t.bus, Ids: []string{"q"}},
	)
	_, rule := t.s.Bus.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &t.name, EventBusName: &t.bus})
	_, queue := t.s.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &t.URL})
	return errors.Join(target, rule, queue)
}

// Next waits up to a second for new events. An event may be returned more than once, and two
// seconds later if a reply is lost.
func (t *Tap) Next(ctx context.Context) ([]events.Event, error) {
	out, err := t.s.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &t.URL, MaxNumberOfMessages: TapMost, WaitTimeSeconds: 1, VisibilityTimeout: 2,
	})
	if err != nil {
		return nil, err
	}
	if len(out.Messages) == 0 {
		return nil, nil
	}
	var got []events.Event
	var done []sqstypes.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		done = append(done, sqstypes.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		var envelope struct {
			Detail events.Event `json:"detail"`
		}
		if err := json.Unmarshal([]byte(*m.Body), &envelope); err != nil {
			return nil, fmt.Errorf("read an event: %w", err)
		}
		got = append(got, envelope.Detail)
	}
	_, err = t.s.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &t.URL, Entries: done})
	return got, err
}
