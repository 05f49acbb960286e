package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/resilience"
)

// fakeSQS is a queue and its dead letter queue. It keeps the messages that it is sent, or
// fails with err if that is set.
type fakeSQS struct {
	mu   sync.Mutex
	err  error
	sent []*sqs.SendMessageInput

	backoffs     map[string]int32 // in seconds, by receipt handle
	backoffCalls int
	hangs        bool // setting backoffs
}

func (f *fakeSQS) SendMessage(
	_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.sent = append(f.sent, in)
	return &sqs.SendMessageOutput{}, nil
}

// ChangeMessageVisibilityBatch refuses a receipt handle whose backoff is already set.
func (f *fakeSQS) ChangeMessageVisibilityBatch(
	ctx context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	f.backoffCalls++
	if f.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if *in.QueueUrl != "source" || len(in.Entries) == 0 || len(in.Entries) > 10 || !resilience.RetriesDisabled(ctx) {
		return nil, fmt.Errorf("%d entries for %s", len(in.Entries), *in.QueueUrl)
	}
	if f.backoffs == nil {
		f.backoffs = map[string]int32{}
	}
	out := &sqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		if _, again := f.backoffs[*e.ReceiptHandle]; again {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Message: aws.String("no such receipt")})
			continue
		}
		f.backoffs[*e.ReceiptHandle] = e.VisibilityTimeout
	}
	return out, nil
}

func now() time.Time { return time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC) }

func consumer(f *fakeSQS) queue.Consumer {
	return queue.Consumer{
		SQS: f, Source: "source", DLQ: "dlq", Workers: 4, Log: slog.New(slog.DiscardHandler), Now: now,
	}
}

// batch returns an event with a message for each body: `fail@39` is the body `fail` at its
// 39th receive.
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

// handle succeeds, or fails in the way that the body of a message names.
func handle(_ context.Context, m lambdaevents.SQSMessage) error {
	switch m.Body {
	case "poison":
		return queue.Permanent("bad_input", errors.New("no such\nfield "+strings.Repeat("é", 300)))
	case "fail":
		return errors.New("no such item")
	case "away":
		return &problem.Error{Kind: problem.Unavailable, Code: "inventory_unavailable"}
	case "panic":
		panic("boom")
	default:
		return nil
	}
}

func failedIDs(r lambdaevents.SQSEventResponse) []string {
	ids := []string{}
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}
