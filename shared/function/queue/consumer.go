package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/batch"
)

// Client is the subset of the SQS client that Consumer uses.
type Client interface {
	Sender
	ChangeMessageVisibilityBatch(
		context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options),
	) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Consumer handles the batches of one queue.
type Consumer struct {
	SQS     Client
	Source  string // URL of the queue
	DLQ     string // URL of the dead letter queue
	Workers int    // messages that are handled concurrently; at least 1
	Log     *slog.Logger
	Now     func() time.Time
	// OnReceive is called for each message before it is handled. It returns the context for
	// the handler, and a function that is called with the handler's result. Optional.
	OnReceive func(ctx context.Context, m lambdaevents.SQSMessage) (context.Context, func(err error))
	// OnExhausted is called for each message that was dead-lettered because it failed
	// MaxReceives times, or in an outage for days. Optional.
	OnExhausted func(ctx context.Context, m lambdaevents.SQSMessage, err error)
}

// permanent is an error of a message that can never succeed.
type permanent struct {
	code string
	error
}

func (p permanent) Unwrap() error { return p.error }

// Permanent marks err as final: the message can never succeed and is dead-lettered at
// once. Operators search the dead letter queue by code.
func Permanent(code string, err error) error { return permanent{code, err} }

// Handle calls handle for every message, and reports the failed ones to Lambda: they are
// received again after a backoff. The reported list is never nil, since Lambda redelivers
// the whole batch for a null one.
func (c Consumer) Handle(
	ctx context.Context, e lambdaevents.SQSEvent, handle func(context.Context, lambdaevents.SQSMessage) error,
) lambdaevents.SQSEventResponse {
	failed := make([]bool, len(e.Records))
	batch.Each(len(e.Records), c.Workers, func(i int) { failed[i] = !c.process(ctx, e.Records[i], handle) })
	out := lambdaevents.SQSEventResponse{BatchItemFailures: []lambdaevents.SQSBatchItemFailure{}}
	var again []lambdaevents.SQSMessage
	for i, m := range e.Records {
		if failed[i] {
			again = append(again, m)
			failure := lambdaevents.SQSBatchItemFailure{ItemIdentifier: m.MessageId}
			out.BatchItemFailures = append(out.BatchItemFailures, failure)
		}
	}
	c.backOff(ctx, again)
	return out
}

// process handles a message and reports whether it can be deleted.
func (c Consumer) process(
	ctx context.Context, m lambdaevents.SQSMessage, handle func(context.Context, lambdaevents.SQSMessage) error,
) bool {
	end := func(error) {}
	if c.OnReceive != nil {
		ctx, end = c.OnReceive(ctx, m)
	}
	err := runHandler(ctx, m, handle)
	defer end(err)
	if err == nil {
		return true
	}
	p, isPermanent := errors.AsType[permanent](err)
	c.logFailure(ctx, m, p, err)
	if !isPermanent && !c.exhausted(m, err) {
		return false
	}
	if !isPermanent {
		p = permanent{"retries_exhausted", err}
	}
	if err := c.deadLetter(ctx, m, p); err != nil {
		c.Log.ErrorContext(ctx, "dead-letter failed",
			slog.String("message_id", m.MessageId), slog.String("error", err.Error()))
		return false
	}
	if !isPermanent && c.OnExhausted != nil {
		c.OnExhausted(ctx, m, err)
	}
	return true
}

// runHandler calls handle and returns a panic as an error of this message alone.
func runHandler(
	ctx context.Context, m lambdaevents.SQSMessage, handle func(context.Context, lambdaevents.SQSMessage) error,
) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return handle(ctx, m)
}

// logFailure logs a permanent error by its code alone: its text may quote the message. The
// dead letter queue keeps the text.
func (c Consumer) logFailure(ctx context.Context, m lambdaevents.SQSMessage, p permanent, err error) {
	reason := slog.String("error", err.Error())
	if p.error != nil {
		reason = slog.String("code", p.code)
	}
	c.Log.WarnContext(ctx, "message failed", slog.String("message_id", m.MessageId),
		slog.Int("receives", receives(m)), slog.Bool("final", p.error != nil), reason)
}

// receives returns the number of times that a message was received; 1 if it is unknown.
func receives(m lambdaevents.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
