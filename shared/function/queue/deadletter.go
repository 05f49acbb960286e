package queue

import (
	"context"
	"strconv"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Attributes of a dead-lettered message.
const (
	AttrCode     = "reason_code"
	AttrReason   = "reason"
	AttrReceives = "receives" // how often the message was received
	attrOrigin   = "origin_message_id"
)

// deadLetter sends a message's body and the reason of its failure to the dead letter queue.
func (c Consumer) deadLetter(ctx context.Context, m lambdaevents.SQSMessage, p permanent) error {
	_, err := c.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &c.DLQ, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			AttrCode:     attributeValue(p.code),
			AttrReason:   attributeValue(p.Error()),
			AttrReceives: attributeValue(strconv.Itoa(receives(m))),
			attrOrigin:   attributeValue(m.MessageId),
		},
	})
	return err
}
