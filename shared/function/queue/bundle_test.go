package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

// bulk keeps the calls; it refuses a message that says so, and takes its time.
type bulk struct {
	dlq
	err   error
	takes time.Duration
	mu    sync.Mutex
	calls [][]string
}

func (b *bulk) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	select {
	case <-time.After(b.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var bodies []string
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		bodies = append(bodies, *e.MessageBody)
		if strings.Contains(*e.MessageBody, "refused") {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Message: aws.String("too large")})
		}
	}
	b.calls = append(b.calls, bodies)
	return out, b.err
}

func sendAll(ctx context.Context, box *queue.BatchProducer, messages ...string) []error {
	errs := make([]error, len(messages))
	var wg sync.WaitGroup
	for i, m := range messages {
		wg.Go(func() { errs[i] = box.Send(ctx, m) })
	}
	wg.Wait()
	return errs
}

func TestWhatIsSentTogetherGoesInOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bulk{takes: time.Millisecond}
		box := queue.NewBatchProducer(b, queue.Producer{URL: "q"})
		for _, err := range sendAll(t.Context(), box, strings.Split("abcdefghijklm", "")...) {
			require.NoError(t, err)
		}
		require.Len(t, b.calls, 2)
		require.Equal(t, 13, len(b.calls[0])+len(b.calls[1]))
		require.Equal(t, 10, max(len(b.calls[0]), len(b.calls[1])))
		brief, cancel := context.WithTimeout(t.Context(), 4*time.Millisecond)
		defer cancel()
		require.NoError(t, box.Send(brief, "later"), "one alone waits for others, but briefly")
		require.Len(t, b.calls, 3)
	})
}

func TestEachSenderHasItsOwnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := queue.NewBatchProducer(&bulk{}, queue.Producer{URL: "q"})
		errs := sendAll(t.Context(), box, "a", "refused", "b")
		require.NoError(t, errs[0])
		require.ErrorContains(t, errs[1], "too large")
		require.NoError(t, errs[2])
		for _, err := range sendAll(t.Context(), queue.NewBatchProducer(&bulk{err: errors.New("away")}, queue.Producer{URL: "q"}), "a", "b") {
			require.ErrorContains(t, err, "away")
		}
	})
}

// One sender that turns away takes nobody's message with it.
func TestASenderThatGivesUpLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bulk{takes: time.Second}
		box := queue.NewBatchProducer(b, queue.Producer{URL: "q"})
		brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var errBrief, errPatient error
		var wg sync.WaitGroup
		wg.Go(func() { errBrief = box.Send(brief, "brief") })
		wg.Go(func() { errPatient = box.Send(t.Context(), "patient") })
		wg.Wait()
		require.ErrorIs(t, errBrief, context.DeadlineExceeded)
		require.NoError(t, errPatient)
		require.Len(t, b.calls, 1)
		alone, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, box.Send(alone, "alone"), context.DeadlineExceeded)
		synctest.Wait()
		require.Len(t, b.calls, 1, "a call that nobody waits for is ended")
	})
}
