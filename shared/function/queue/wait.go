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

// Seconds that a message waits after it failed: 5, 10, 20, and 25 from then on, and up
// to a fifth more, so that messages which failed together do not come back together.
// They end at half a minute, since an open breaker adds half a minute to an outage:
// so a message is tried again within a minute of the outage's end.
const (
	firstWait = 5
	lastWait  = 25
)

// LongestWait is the most that a failed message waits. A queue's visibility timeout is
// no shorter: it is the wait where this package could not set one.
const LongestWait = 30 * time.Second

// MaxReceives is how often a message is tried before it is dead-lettered with its last
// error. Its 38 waits take 5 + 10 + 20 + 35 × 25 = 910 seconds at least, so an outage of
// a quarter of an hour costs no message.
const MaxReceives = 39

// waitTimeout bounds what a function spends on its failed messages' waits.
const waitTimeout = time.Second

// wait in seconds of a message that failed when it was received for the nth time.
func wait(nth int) int32 {
	least := int32(firstWait)
	for range nth - 1 {
		least = min(2*least, lastWait)
	}
	return least + rand.N(least/5+1) //nolint:gosec // jitter is no secret
}

// backOff sets the waits of messages that failed. It is tried once: a message whose wait
// could not be set comes back after the queue's visibility timeout.
func (c Consumer) backOff(ctx context.Context, failed []lambdaevents.SQSMessage) {
	ctx, cancel := context.WithTimeout(resilience.WithoutRetries(ctx), waitTimeout)
	defer cancel()
	for some := range slices.Chunk(failed, maxBatch) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(some))
		for i, m := range some {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: wait(receives(m)),
			}
		}
		out, err := c.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &c.Source, Entries: entries})
		if err == nil && len(out.Failed) > 0 {
			err = errors.New(aws.ToString(out.Failed[0].Message))
		}
		if err != nil {
			c.Log.WarnContext(ctx, "waits not set", slog.Int("messages", len(some)), slog.String("error", err.Error()))
		}
	}
}
