package queue

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/resilience"
)

// A failed message is received again after 5, 10, 20 and then 25 seconds, plus up to a
// fifth as jitter. The backoff stays below half a minute in the first quarter of an hour,
// because an open breaker adds half a minute to an outage: a message is tried within a
// minute of a short outage's end.
//
// Later a backoff is a fortieth of those before it, up to 750 seconds: after an outage of an
// hour the messages are back within two minutes, after one of eight hours or more within
// fifteen. Nothing needs to be done for that.
const (
	firstBackoff   = 5   // seconds
	shortBackoff   = 25  // seconds
	longestBackoff = 750 // seconds
	backoffShare   = 40
)

// MaxBackoff is the longest backoff of a failed message.
const MaxBackoff = 15 * time.Minute

// backoffTimeout bounds the time that a function spends on setting backoffs.
const backoffTimeout = time.Second

// backOff sets the backoff of failed messages. It tries once: a message whose backoff
// could not be set is received again after the queue's visibility timeout.
func (c Consumer) backOff(ctx context.Context, failed []lambdaevents.SQSMessage) {
	ctx, cancel := context.WithTimeout(resilience.WithoutRetries(ctx), backoffTimeout)
	defer cancel()
	for messages := range slices.Chunk(failed, maxBatch) {
		if err := c.setBackoffs(ctx, messages); err != nil {
			c.Log.WarnContext(ctx, "backoff not set",
				slog.Int("messages", len(messages)), slog.String("error", err.Error()))
		}
	}
}

func (c Consumer) setBackoffs(ctx context.Context, messages []lambdaevents.SQSMessage) error {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: backoff(receives(m)),
		}
	}
	out, err := c.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{
		QueueUrl: &c.Source, Entries: entries,
	})
	if err == nil && len(out.Failed) > 0 {
		err = errors.New(aws.ToString(out.Failed[0].Message))
	}
	return err
}

// NextReceive returns when a message that fails at this receive is received again, at the
// latest.
func NextReceive(m lambdaevents.SQSMessage, now time.Time) time.Time {
	least := leastBackoff(receives(m))
	return now.Add(time.Duration(least+least/5) * time.Second)
}

// backoff returns the seconds until a message that failed at its nth receive is received
// again.
func backoff(nth int) int32 {
	least := leastBackoff(nth)
	return least + rand.N(least/5+1) //nolint:gosec // jitter is no secret
}

func leastBackoff(nth int) int32 {
	least, before := int32(firstBackoff), int32(0)
	for range nth - 1 {
		before += least
		least = min(max(min(2*least, shortBackoff), before/backoffShare), longestBackoff)
	}
	return least
}
