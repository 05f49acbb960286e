package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/resilience"
)

// ChangeMessageVisibilityBatch knows the receipts of messages that were not handled twice.
func (d *dlq) ChangeMessageVisibilityBatch(ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	d.calls++
	if d.deaf {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if *in.QueueUrl != "source" || len(in.Entries) == 0 || len(in.Entries) > 10 || !resilience.RetriesDisabled(ctx) {
		return nil, fmt.Errorf("%d waits at %s", len(in.Entries), *in.QueueUrl)
	}
	if d.waits == nil {
		d.waits = map[string]int32{}
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		if _, again := d.waits[*e.ReceiptHandle]; again {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Message: aws.String("no such receipt")})
			continue
		}
		d.waits[*e.ReceiptHandle] = e.VisibilityTimeout
	}
	return out, nil
}

// waitsOf a message that fails when it is received for the nth time, drawn a few times.
func waitsOf(t *testing.T, nth int) []time.Duration {
	t.Helper()
	d := &dlq{}
	consumer(d).Handle(t.Context(), batch(strings.Fields(strings.Repeat(fmt.Sprintf("fail@%d ", nth), 100))...), act)
	require.Len(t, d.waits, 100)
	var all []time.Duration
	for _, seconds := range d.waits {
		all = append(all, time.Duration(seconds)*time.Second)
	}
	return all
}

func TestAFailedMessagesWaitsGrow(t *testing.T) {
	for nth, least := range map[int]int{0: 5, 1: 5, 2: 10, 3: 20, 4: 25, queue.MaxReceives - 1: 25} {
		least := time.Duration(least) * time.Second
		drawn := map[time.Duration]bool{}
		for _, wait := range waitsOf(t, nth) {
			drawn[wait] = true
			require.GreaterOrEqual(t, wait, least, "receive %d", nth)
			require.LessOrEqual(t, wait, min(least+least/5, queue.LongestWait), "receive %d", nth)
		}
		require.Greater(t, len(drawn), 1, "messages that failed together do not come back together")
	}
}

// TestNoMessageIsGivenUpEarly: an outage of a quarter of an hour costs none.
func TestNoMessageIsGivenUpEarly(t *testing.T) {
	var least time.Duration
	for nth := 1; nth < queue.MaxReceives; nth++ {
		shortest := time.Hour
		for _, wait := range waitsOf(t, nth) {
			shortest = min(shortest, wait)
		}
		least += shortest
	}
	require.Greater(t, least, 15*time.Minute)
	require.Less(t, least, 20*time.Minute, "but what will never succeed is told of")
}

func TestOnlyWhatComesBackWaits(t *testing.T) {
	d := &dlq{}
	consumer(d).Handle(t.Context(), batch("a", "poison", "fail@39", "b"), act)
	require.Zero(t, d.calls)
	consumer(d).Handle(t.Context(), batch("a", "fail", "poison", "panic", "b"), act)
	require.Len(t, d.waits, 2)
	require.Contains(t, d.waits, "receipt-1")
	require.Contains(t, d.waits, "receipt-3")
	require.Equal(t, 1, d.calls, "a batch's in one call")
}

// TestAWaitIsNotWaitedFor: a queue that does not take waits costs a second at most, and
// the messages are reported as failed all the same.
func TestAWaitIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		for _, d := range []*dlq{{deaf: true}, {waits: map[string]int32{"receipt-0": 5}}} {
			log.Reset()
			c := consumer(d)
			c.Log = slog.New(slog.NewJSONHandler(&log, nil))
			began := time.Now() //nolint:forbidigo // the bubble's clock
			require.Equal(t, []string{"0"}, failed(c.Handle(t.Context(), batch("fail", "a"), act)))
			require.LessOrEqual(t, time.Since(began), time.Second)
			require.Equal(t, 1, d.calls)
			require.Contains(t, log.String(), "waits not set")
		}
	})
}
