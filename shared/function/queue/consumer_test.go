package queue_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		bodies []string
		failed []string
		dead   []string // codes
	}{
		"all succeed":     {bodies: []string{"a", "b"}, failed: []string{}},
		"one fails":       {bodies: []string{"a", "fail", "b"}, failed: []string{"1"}},
		"permanent error": {bodies: []string{"poison", "a"}, failed: []string{}, dead: []string{"bad_input"}},
		"one panics":      {bodies: []string{"a", "panic"}, failed: []string{"1"}},
		"last of all retries": {
			bodies: []string{"fail@39", "fail@38"}, failed: []string{"1"}, dead: []string{"retries_exhausted"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeSQS{}
			require.Equal(t, tc.failed, failedIDs(consumer(f).Handle(t.Context(), batch(tc.bodies...), handle)))
			var dead []string
			for _, in := range f.sent {
				dead = append(dead, *in.MessageAttributes[queue.AttrCode].StringValue)
				reason := *in.MessageAttributes[queue.AttrReason].StringValue
				require.LessOrEqual(t, len(reason), 256)
				require.NotContains(t, reason, "\n")
			}
			require.Equal(t, tc.dead, dead)
		})
	}
}

func TestADeadLetterKeepsItsBody(t *testing.T) {
	t.Parallel()
	f := &fakeSQS{}
	consumer(f).Handle(t.Context(), batch("poison"), handle)
	require.Equal(t, "poison", *f.sent[0].MessageBody)
	require.Equal(t, "0", *f.sent[0].MessageAttributes["origin_message_id"].StringValue)
	require.Equal(t, "1", *f.sent[0].MessageAttributes[queue.AttrReceives].StringValue)
}

func TestAMessageThatCannotBeDeadLetteredIsReceivedAgain(t *testing.T) {
	t.Parallel()
	f := &fakeSQS{err: errors.New("no queue")}
	require.Equal(t, []string{"0"}, failedIDs(consumer(f).Handle(t.Context(), batch("poison"), handle)))
}

func TestNoFailuresIsAnEmptyListNotNull(t *testing.T) {
	t.Parallel()
	require.NotNil(t, consumer(&fakeSQS{}).Handle(t.Context(), batch("a"), handle).BatchItemFailures)
}

func TestOnReceiveWrapsTheHandler(t *testing.T) {
	t.Parallel()
	type key struct{}
	var mu sync.Mutex
	results := map[string]error{}
	c := consumer(&fakeSQS{})
	c.OnReceive = func(ctx context.Context, m lambdaevents.SQSMessage) (context.Context, func(error)) {
		return context.WithValue(ctx, key{}, m.MessageId), func(err error) {
			mu.Lock()
			defer mu.Unlock()
			results[m.MessageId] = err
		}
	}
	c.Handle(t.Context(), batch("ok", "fail", "panic"), func(ctx context.Context, m lambdaevents.SQSMessage) error {
		require.Equal(t, m.MessageId, ctx.Value(key{}))
		return handle(ctx, m)
	})
	require.Len(t, results, 3)
	require.NoError(t, results["0"])
	require.ErrorContains(t, results["1"], "no such item")
	require.ErrorContains(t, results["2"], "boom")
}

func ExamplePermanent() {
	f := &fakeSQS{}
	parse := func(context.Context, lambdaevents.SQSMessage) error {
		return queue.Permanent("body_not_json", errors.New("the message is not JSON"))
	}
	out := consumer(f).Handle(context.Background(), batch("{"), parse)
	dead := f.sent[0]
	fmt.Println(len(out.BatchItemFailures), *dead.MessageAttributes[queue.AttrCode].StringValue, *dead.MessageBody)
	// Output: 0 body_not_json {
}
