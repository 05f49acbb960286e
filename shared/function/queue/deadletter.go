package queue

import (
	"context"
	"strconv"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
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

// maxAttribute bounds the length of an attribute's value in bytes.
const maxAttribute = 256

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

// attributeValue returns s as an attribute's value. SQS refuses empty values and control
// characters: they become `-` and spaces.
func attributeValue(s string) types.MessageAttributeValue {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxAttribute {
		s = strings.ToValidUTF8(s[:maxAttribute], "")
	}
	if s == "" {
		s = "-"
	}
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &s}
}
