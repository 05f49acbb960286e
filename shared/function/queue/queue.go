package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Attributes of a dead-lettered message.
const (
	AttrCode   = "reason_code"
	AttrReason = "reason"
	AttrOrigin = "origin_message_id"
)

// AttrTrace is the attribute of a message that names its sender's span (W3C Trace Context).
const AttrTrace = "traceparent"

const maxReason = 256

// Sender is the part of the SQS client that an Outbox calls.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Client is the part of the SQS client that a Consumer calls.
type Client interface {
	Sender
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Consumer handles one queue's batches.
type Consumer struct {
	SQS     Client
	Source  string // URL of the queue
	DLQ     string // URL of the queue for what can never succeed, and what failed MaxReceives times
	Workers int    // messages handled side by side; at least 1
	Log     *slog.Logger
	// Begin is told of each message before it is handled, gives the context to handle it
	// under, and is told by the function that it returns what came of it; nil for none.
	OnReceive func(ctx context.Context, m lambdaevents.SQSMessage) (context.Context, func(err error))
	// GaveUp is told of a message that went to the DLQ after failing too often;
	// nil when nobody wants to know.
	OnExhausted func(ctx context.Context, m lambdaevents.SQSMessage, err error)
}

// permanent is an error after which a message goes to the DLQ at once.
type permanent struct {
	code string
	error
}

func (p permanent) Unwrap() error { return p.error }

// Permanent marks err as final: the message can never succeed. code is what the DLQ
// is searched by.
func Permanent(code string, err error) error { return permanent{code, err} }

// Handle runs each for every message and reports the ones that are to come back, after
// a wait that grows with each receive.
// The list it returns is never nil: a null one makes Lambda redeliver the batch.
func (c Consumer) Handle(ctx context.Context, e lambdaevents.SQSEvent, each func(context.Context, lambdaevents.SQSMessage) error) lambdaevents.SQSEventResponse {
	failed := make([]bool, len(e.Records))
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, c.Workers))
	for i, m := range e.Records {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = !c.process(ctx, m, each)
		})
	}
	wg.Wait()
	out := lambdaevents.SQSEventResponse{BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}}
	var back []lambdaevents.SQSMessage
	for i, m := range e.Records {
		if failed[i] {
			back = append(back, m)
			out.BatchItemFailures = append(out.BatchItemFailures, lambdaevents.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	c.backOff(ctx, back)
	return out
}

// process handles a message and tells whether it can be deleted.
func (c Consumer) process(ctx context.Context, m lambdaevents.SQSMessage, each func(context.Context, lambdaevents.SQSMessage) error) bool {
	end := func(error) {}
	if c.OnReceive != nil {
		ctx, end = c.OnReceive(ctx, m)
	}
	err := c.guarded(ctx, m, each)
	defer end(err)
	if err == nil {
		return true
	}
	var p permanent
	isPoison := errors.As(err, &p)
	why := slog.String("error", err.Error())
	if isPoison { // what is wrong with a message may quote it: the DLQ keeps that, the log does not
		why = slog.String("code", p.code)
	}
	c.Log.WarnContext(ctx, "message failed", slog.String("message_id", m.MessageId),
		slog.Int("receives", receives(m)), slog.Bool("final", isPoison), why)
	if !isPoison && receives(m) < MaxReceives {
		return false
	}
	if !isPoison {
		p = permanent{"retries_exhausted", err}
	}
	if err := c.deadLetter(ctx, m, p); err != nil {
		c.Log.ErrorContext(ctx, "dead-letter failed", slog.String("message_id", m.MessageId), slog.String("error", err.Error()))
		return false
	}
	if !isPoison && c.OnExhausted != nil {
		c.OnExhausted(ctx, m, err)
	}
	return true
}

// guarded turns a panic into a failure of the one message that caused it.
func (c Consumer) guarded(ctx context.Context, m lambdaevents.SQSMessage, each func(context.Context, lambdaevents.SQSMessage) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return each(ctx, m)
}

func (c Consumer) deadLetter(ctx context.Context, m lambdaevents.SQSMessage, p permanent) error {
	_, err := c.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &c.DLQ, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			AttrCode: text(p.code), AttrReason: text(p.Error()), AttrOrigin: text(m.MessageId),
		},
	})
	return err
}

// text is an attribute value: SQS refuses empty ones and control characters.
func text(s string) types.MessageAttributeValue {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "")
	}
	if s == "" {
		s = "-"
	}
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &s}
}

func receives(m lambdaevents.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
