package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
)

// dlq keeps what was sent, and fails first with err when that is set. It is the queue
// that messages come from too.
type dlq struct {
	mu   sync.Mutex
	err  error
	sent []*sqs.SendMessageInput

	waits map[string]int32 // set so far, in seconds, by receipt handle
	calls int              // that set them
	deaf  bool             // such a call is not answered
}

func (d *dlq) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return nil, d.err
	}
	d.sent = append(d.sent, in)
	return &sqs.SendMessageOutput{}, nil
}

func consumer(d *dlq) queue.Consumer {
	return queue.Consumer{
		SQS: d, Source: "source", DLQ: "dlq", Workers: 4, Log: slog.New(slog.DiscardHandler),
	}
}

func batch(bodies ...string) lambdaevents.SQSEvent {
	var e lambdaevents.SQSEvent
	for i, b := range bodies {
		body, receives, _ := strings.Cut(b, "@")
		if receives == "" {
			receives = "1"
		}
		e.Records = append(e.Records, lambdaevents.SQSMessage{
			MessageId: strconv.Itoa(i), ReceiptHandle: "receipt-" + strconv.Itoa(i), Body: body,
			Attributes: map[string]string{"ApproximateReceiveCount": receives},
		})
	}
	return e
}

// act does what a message's body says.
func act(_ context.Context, m lambdaevents.SQSMessage) error {
	switch m.Body {
	case "poison":
		return queue.Permanent("bad_input", errors.New("no such\nfield "+strings.Repeat("é", 300)))
	case "fail":
		return errors.New("inventory is away")
	case "panic":
		panic("boom")
	default:
		return nil
	}
}

func failed(r lambdaevents.SQSEventResponse) []string {
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

func TestHandle(t *testing.T) {
	for name, tc := range map[string]struct {
		bodies []string
		failed []string
		buried []string
	}{
		"all done":                     {bodies: []string{"a", "b"}, failed: []string{}},
		"one fails, others go on":      {bodies: []string{"a", "fail", "b"}, failed: []string{"1"}},
		"poison is acknowledged":       {bodies: []string{"poison", "a"}, failed: []string{}, buried: []string{"bad_input"}},
		"a panic is one's own":         {bodies: []string{"a", "panic"}, failed: []string{"1"}},
		"last receive is dead-letters": {bodies: []string{"fail@39", "fail@38"}, failed: []string{"1"}, buried: []string{"retries_exhausted"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dlq{}
			require.Equal(t, tc.failed, failed(consumer(d).Handle(t.Context(), batch(tc.bodies...), act)))
			var buried []string
			for _, in := range d.sent {
				buried = append(buried, *in.MessageAttributes[queue.AttrCode].StringValue)
				reason := *in.MessageAttributes[queue.AttrReason].StringValue
				require.LessOrEqual(t, len(reason), 256)
				require.NotContains(t, reason, "\n")
			}
			require.Equal(t, tc.buried, buried)
		})
	}
}

func TestBodyIsBuriedAsItCame(t *testing.T) {
	d := &dlq{}
	consumer(d).Handle(t.Context(), batch("poison"), act)
	require.Equal(t, "poison", *d.sent[0].MessageBody)
}

func TestWhatCannotBeBuriedComesBack(t *testing.T) {
	d := &dlq{err: errors.New("no queue")}
	require.Equal(t, []string{"0"}, failed(consumer(d).Handle(t.Context(), batch("poison"), act)))
}

func TestNoFailuresIsAnEmptyListNotNull(t *testing.T) {
	require.NotNil(t, consumer(&dlq{}).Handle(t.Context(), batch("a"), act).BatchItemFailures)
}

func ExamplePermanent() {
	d := &dlq{}
	out := consumer(d).Handle(context.Background(), batch("{"), func(_ context.Context, m lambdaevents.SQSMessage) error {
		return queue.Permanent("body_not_json", errors.New("the message is not JSON"))
	})
	fmt.Println(len(out.BatchItemFailures), *d.sent[0].MessageAttributes[queue.AttrCode].StringValue, *d.sent[0].MessageBody)
	// Output: 0 body_not_json {
}

// TestATraceGoesAlong: in a message's attribute, and into the context that each message
// is handled under.
func TestATraceGoesAlong(t *testing.T) {
	d := &dlq{}
	out := queue.Producer{SQS: d, URL: "q"}
	require.NoError(t, out.Send(t.Context(), 1))
	out.TraceParent = func(context.Context) string { return "" }
	require.NoError(t, out.Send(t.Context(), 2))
	out.TraceParent = func(context.Context) string { return "00-a-b-01" }
	require.NoError(t, out.Send(t.Context(), 3))
	require.Empty(t, d.sent[0].MessageAttributes)
	require.Empty(t, d.sent[1].MessageAttributes)
	require.Equal(t, "00-a-b-01", *d.sent[2].MessageAttributes[queue.AttrTrace].StringValue)

	type mark struct{}
	var mu sync.Mutex
	ended := map[string]error{}
	c := consumer(d)
	c.OnReceive = func(ctx context.Context, m lambdaevents.SQSMessage) (context.Context, func(error)) {
		return context.WithValue(ctx, mark{}, m.MessageId), func(err error) {
			mu.Lock()
			defer mu.Unlock()
			ended[m.MessageId] = err
		}
	}
	c.Handle(t.Context(), batch("ok", "fail", "panic"), func(ctx context.Context, m lambdaevents.SQSMessage) error {
		require.Equal(t, m.MessageId, ctx.Value(mark{}))
		return act(ctx, m)
	})
	require.Len(t, ended, 3)
	require.NoError(t, ended["0"])
	require.ErrorContains(t, ended["1"], "away")
	require.ErrorContains(t, ended["2"], "boom")
}
