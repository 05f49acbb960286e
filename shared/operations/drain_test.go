package operations_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/operations"
)

// manyLetters is a dead letter queue of very many messages, which it makes when they are received. A
// call takes 50 ms.
type manyLetters struct {
	*queues

	total, size int

	mu            sync.Mutex
	received      int
	sent, deleted map[string]bool
}

func newManyLetters(total, size int) *manyLetters {
	return &manyLetters{queues: newQueues(), total: total, size: size, sent: map[string]bool{}, deleted: map[string]bool{}}
}

const callTime = 50 * time.Millisecond

func (m *manyLetters) ReceiveMessage(
	_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	<-time.After(callTime)
	m.mu.Lock()
	defer m.mu.Unlock()
	out := &sqs.ReceiveMessageOutput{}
	for range min(int(in.MaxNumberOfMessages), m.total-m.received) {
		m.received++
		id := strconv.Itoa(m.received)
		body := id + strings.Repeat(" ", m.size)
		out.Messages = append(out.Messages, types.Message{
			MessageId: &id, ReceiptHandle: &id, Body: &body, Attributes: map[string]string{"SentTimestamp": "1"},
		})
	}
	return out, nil
}

func (m *manyLetters) SendMessageBatch(
	_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageBatchOutput, error) {
	<-time.After(callTime)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range in.Entries {
		m.sent[strings.Clone(strings.TrimSpace(*e.MessageBody))] = true
	}
	return &sqs.SendMessageBatchOutput{}, nil
}

func (m *manyLetters) DeleteMessageBatch(
	_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.DeleteMessageBatchOutput, error) {
	<-time.After(callTime)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range in.Entries {
		if !m.sent[*e.ReceiptHandle] {
			return nil, errors.New("it was not sent yet")
		}
		m.deleted[*e.ReceiptHandle] = true
	}
	return &sqs.DeleteMessageBatchOutput{}, nil
}

// TestRedriveOfManyTakesMinutes: 10,000 dead letters in seconds, although each call takes 50 ms, as from
// an office.
func TestRedriveOfManyTakesMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, done := newManyLetters(10_000, 100), 0
		s := system(q.queues, "requests")
		s.SQS = q
		began := time.Now() //nolint:forbidigo // the bubble's clock
		require.NoError(t, s.Redrive(t.Context(), requests, asha, func(operations.DeadLetter) { done++ }))
		require.Less(t, time.Since(began), 20*time.Second, "100,000 take less than four minutes")
		require.Equal(t, 10_000, done)
		require.Len(t, q.sent, 10_000)
		require.Len(t, q.deleted, 10_000)
	})
}

// TestRedriveHoldsFewInMemory: 10,000 dead letters of together 200 MB.
func TestRedriveHoldsFewInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newManyLetters(10_000, 20_000)
		s := system(q.queues, "requests")
		s.SQS, s.Acts = q, &auditLog{forgets: true}
		var done, most atomic.Int64
		require.NoError(t, s.Redrive(t.Context(), requests, asha, func(operations.DeadLetter) {
			if done.Add(1)%2000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), int64(m.HeapAlloc)))
			}
		}))
		require.EqualValues(t, 10_000, done.Load())
		require.Less(t, most.Load(), int64(64<<20))
	})
}

// TestRedriveStopsWhenMessagesFailAgain: thousands that come back are a cause that is not repaired.
func TestRedriveStopsWhenMessagesFailAgain(t *testing.T) {
	q := newQueues()
	for n := range 5000 {
		q.add(strconv.Itoa(n), nil)
	}
	r := &recorder{}
	err := system(q, "requests").Redrive(t.Context(), requests, asha, r.done)
	require.ErrorContains(t, err, "1000 dead letters arrived")
	require.GreaterOrEqual(t, len(r.ids), 1000)
	require.Less(t, len(r.ids), 5000)
	require.Len(t, q.visible, 5000)
	require.Empty(t, q.hidden)
}

func TestCount(t *testing.T) {
	n, err := system(newQueues("a", "b"), "requests").Count(t.Context(), "requests")
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, err = system(newQueues(), "requests").Count(t.Context(), "nope")
	require.ErrorContains(t, err, "nope")
}
