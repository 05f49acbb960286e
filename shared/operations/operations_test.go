package operations_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/operations"
)

// queues is a queue whose consumer dead-letters every message at once, with its dead
// letter queue.
type queues struct {
	visible, hidden map[string]string // bodies by receipt handle
	next            int
	consumed        int
}

func newQueues(bodies ...string) *queues {
	q := &queues{visible: map[string]string{}, hidden: map[string]string{}}
	for _, b := range bodies {
		q.add(b)
	}
	return q
}

func (q *queues) add(body string) {
	q.next++
	q.visible[strconv.Itoa(q.next)] = body
}

func (q *queues) ReceiveMessage(
	context.Context,
	*sqs.ReceiveMessageInput,
	...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	out := &sqs.ReceiveMessageOutput{}
	for handle, body := range q.visible {
		delete(q.visible, handle)
		q.hidden[handle] = body
		out.Messages = append(out.Messages, types.Message{ReceiptHandle: &handle, Body: &body})
	}
	return out, nil
}

func (q *queues) SendMessage(
	_ context.Context,
	in *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	q.consumed++
	q.add(*in.MessageBody)
	return &sqs.SendMessageOutput{}, nil
}

func (q *queues) DeleteMessage(
	_ context.Context,
	in *sqs.DeleteMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.DeleteMessageOutput, error) {
	delete(q.hidden, *in.ReceiptHandle)
	return &sqs.DeleteMessageOutput{}, nil
}

func (q *queues) ChangeMessageVisibility(
	_ context.Context,
	in *sqs.ChangeMessageVisibilityInput,
	_ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityOutput, error) {
	q.visible[*in.ReceiptHandle] = q.hidden[*in.ReceiptHandle]
	delete(q.hidden, *in.ReceiptHandle)
	return &sqs.ChangeMessageVisibilityOutput{}, nil
}

func system(q *queues) *operations.System {
	return &operations.System{SQS: q, Queues: []operations.Queue{{Name: "requests", Source: "source", DLQ: "dlq"}}}
}

// TestRedriveEndsWhenMessagesComeBack: the consumer is quicker than the operator, so the
// dead letter queue is never empty.
func TestRedriveEndsWhenMessagesComeBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	q := newQueues("a", "b", "c")
	n, err := system(q).Redrive(ctx, "requests")
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, 3, q.consumed, "each once")
	require.Len(t, q.visible, 3, "and all can be seen again")
	require.Empty(t, q.hidden)
}

func TestListedDeadLettersStayVisible(t *testing.T) {
	q := newQueues("a", "b")
	dead, err := system(q).DeadLetters(t.Context())
	require.NoError(t, err)
	require.Len(t, dead, 2)
	require.Equal(t, "crashed", dead[0].Code, "it has no reason")
	require.Len(t, q.visible, 2)
}

func TestUnknownQueue(t *testing.T) {
	_, err := system(newQueues()).Redrive(t.Context(), "nope")
	require.ErrorContains(t, err, "nope")
}

func ExampleSystem_Redrive() {
	n, err := system(newQueues(`{"idempotency_key":"…"}`)).Redrive(context.Background(), "requests")
	fmt.Println(n, err)
	// Output: 1 <nil>
}
