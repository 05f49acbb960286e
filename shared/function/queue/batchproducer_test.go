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

// batchSQS keeps the bodies of each call. It refuses a message whose body contains
// "refused".
type batchSQS struct {
	fakeSQS

	err      error
	duration time.Duration
	mu       sync.Mutex
	calls    [][]string
	groups   map[string]string // by body
}

func (b *batchSQS) SendMessageBatch(
	ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageBatchOutput, error) {
	select {
	case <-time.After(b.duration):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var bodies []string
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		bodies = append(bodies, *e.MessageBody)
		if b.groups == nil {
			b.groups = map[string]string{}
		}
		b.groups[*e.MessageBody] = aws.ToString(e.MessageGroupId)
		if strings.Contains(*e.MessageBody, "refused") {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Message: aws.String("too large")})
		}
	}
	b.calls = append(b.calls, bodies)
	return out, b.err
}

func sendAll(ctx context.Context, p *queue.BatchProducer, messages ...string) []error {
	errs := make([]error, len(messages))
	var wg sync.WaitGroup
	for i, m := range messages {
		wg.Go(func() { errs[i] = p.Send(ctx, "g-"+m, m) })
	}
	wg.Wait()
	return errs
}

func TestConcurrentMessagesShareACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &batchSQS{duration: time.Millisecond}
		p := queue.NewBatchProducer(b, queue.Producer{URL: "q"})
		for _, err := range sendAll(t.Context(), p, strings.Split("abcdefghijklm", "")...) {
			require.NoError(t, err)
		}
		require.Len(t, b.calls, 2)
		require.Equal(t, 13, len(b.calls[0])+len(b.calls[1]))
		require.Equal(t, 10, max(len(b.calls[0]), len(b.calls[1])))
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Millisecond)
		defer cancel()
		require.NoError(t, p.Send(ctx, "", "later"), "a single message lingers briefly")
		require.Len(t, b.calls, 3)
		require.Equal(t, "g-a", b.groups[`"a"`], "of each message its own group")
		require.Equal(t, "g-m", b.groups[`"m"`])
		require.Equal(t, "platform", b.groups[`"later"`])
	})
}

func TestEachSenderHasItsOwnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := queue.NewBatchProducer(&batchSQS{}, queue.Producer{URL: "q"})
		errs := sendAll(t.Context(), p, "a", "refused", "b")
		require.NoError(t, errs[0])
		require.ErrorContains(t, errs[1], "too large")
		require.NoError(t, errs[2])
		p = queue.NewBatchProducer(&batchSQS{err: errors.New("unavailable")}, queue.Producer{URL: "q"})
		for _, err := range sendAll(t.Context(), p, "a", "b") {
			require.ErrorContains(t, err, "unavailable")
		}
	})
}

// TestASenderThatLeavesDoesNotCancelTheOthers: only a call without senders is cancelled.
func TestASenderThatLeavesDoesNotCancelTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &batchSQS{duration: time.Second}
		p := queue.NewBatchProducer(b, queue.Producer{URL: "q"})
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var errShort, errLong error
		var wg sync.WaitGroup
		wg.Go(func() { errShort = p.Send(short, "", "short") })
		wg.Go(func() { errLong = p.Send(t.Context(), "", "long") })
		wg.Wait()
		require.ErrorIs(t, errShort, context.DeadlineExceeded)
		require.NoError(t, errLong)
		require.Len(t, b.calls, 1)
		alone, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, p.Send(alone, "", "alone"), context.DeadlineExceeded)
		synctest.Wait()
		require.Len(t, b.calls, 1, "a call without senders is cancelled")
	})
}
