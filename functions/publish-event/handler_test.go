package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
)

// fixture is the bus, the sagas and the dead letter queue.
type fixture struct {
	mu        sync.Mutex
	duration  time.Duration // of a call of the bus
	calls     int           // in progress
	most      int           // of them at a time
	refused   map[int]bool  // entries that the bus refuses
	answers   int           // entries in each response; 0 for all
	down      error         // the error of the whole call
	completed []string
	lost      bool
	put       []string
	dead      []string // codes of the dead letters
}

func (f *fixture) PutEvents(
	_ context.Context,
	in *eventbridge.PutEventsInput,
	_ ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	if f.down != nil {
		return nil, f.down
	}
	f.count(1)
	defer f.count(-1)
	<-time.After(f.duration)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(in.Entries) > 10 {
		return nil, errors.New("ValidationException: at most 10 entries")
	}
	out := &eventbridge.PutEventsOutput{}
	for i, e := range in.Entries {
		f.put = append(f.put, *e.DetailType)
		entry := types.PutEventsResultEntry{EventId: aws.String("x")}
		if f.refused[i] {
			out.FailedEntryCount++
			entry = types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException")}
		}
		out.Entries = append(out.Entries, entry)
	}
	if f.answers > 0 {
		out.Entries = out.Entries[:f.answers]
	}
	return out, nil
}

func (f *fixture) count(calls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls += calls
	f.most = max(f.most, f.calls)
}

func (f *fixture) Complete(_ context.Context, sagaID string, steps ...saga.StepAttempt) error {
	if f.lost {
		return saga.ErrLost
	}
	f.completed = append(f.completed, sagaID)
	if len(steps) != 2 {
		return errors.New("want two steps")
	}
	return nil
}

func (f *fixture) SendMessage(
	_ context.Context,
	in *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	f.dead = append(f.dead, *in.MessageAttributes[queue.AttrCode].StringValue)
	return &sqs.SendMessageOutput{}, nil
}

func (*fixture) ChangeMessageVisibilityBatch(
	context.Context,
	*sqs.ChangeMessageVisibilityBatchInput,
	...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

func message(t *testing.T, id, kind, receives string) lambdaevents.SQSMessage {
	t.Helper()
	e, err := events.New(kind, "saga-"+id, "m", "2025-11-26T10:15:30Z", events.SagaFailed{Reason: "x"})
	require.NoError(t, err)
	body, err := json.Marshal(events.PublishRequest{Event: e})
	require.NoError(t, err)
	return lambdaevents.SQSMessage{
		MessageId:  id,
		Body:       string(body),
		Attributes: map[string]string{"ApproximateReceiveCount": receives},
	}
}

func (f *fixture) handle(t *testing.T, messages ...lambdaevents.SQSMessage) []string {
	t.Helper()
	log, now := slog.New(slog.DiscardHandler), time.Now //nolint:forbidigo // times are not looked at
	h := handler{
		sagas: f, bus: "bus", client: f, now: now, log: log,
		consumer: queue.Consumer{SQS: f, DLQ: "dlq", Workers: 1, Log: log, Now: now},
	}
	out, err := h.handle(t.Context(), lambdaevents.SQSEvent{Records: messages})
	require.NoError(t, err)
	failed := []string{}
	for _, item := range out.BatchItemFailures {
		failed = append(failed, item.ItemIdentifier)
	}
	return failed
}

func TestOnlyRefusedEventsAreRetried(t *testing.T) {
	f := &fixture{refused: map[int]bool{1: true}}
	failed := f.handle(
		t,
		message(t, "a", events.InvoiceCreated, "1"),
		message(t, "b", events.InvoiceCreated, "1"),
		message(t, "c", events.SagaStuck, "1"),
		message(t, "d", events.InvoiceCancelled, "1"),
	)
	require.Equal(t, []string{"b"}, failed)
	require.Equal(t, []string{"saga-a", "saga-d"}, f.completed, "only a published invoice completes its saga")
}

func TestAFailedCallFailsAllMessages(t *testing.T) {
	f := &fixture{down: errors.New("down")}
	require.Equal(
		t,
		[]string{"a", "b"},
		f.handle(t, message(t, "a", events.InvoiceCreated, "1"), message(t, "b", events.InvoiceCreated, "1")),
	)
	require.Empty(t, f.completed)
}

// TestAnEventWithoutAnAnswerIsSentAgain: a response that does not name an event proves nothing.
func TestAnEventWithoutAnAnswerIsSentAgain(t *testing.T) {
	f := &fixture{answers: 1}
	failed := f.handle(t, message(t, "a", events.InvoiceCreated, "1"), message(t, "b", events.InvoiceCreated, "1"))
	require.Equal(t, []string{"b"}, failed)
	require.Equal(t, []string{"saga-a"}, f.completed)
}

func TestALargeBatchTakesSeveralCalls(t *testing.T) {
	f := &fixture{refused: map[int]bool{9: true}} // of each call
	var messages []lambdaevents.SQSMessage
	for i := range 23 {
		messages = append(messages, message(t, fmt.Sprint("m", i), events.InvoiceCreated, "1"))
	}
	require.Equal(t, []string{"m9", "m19"}, f.handle(t, messages...))
	require.Len(t, f.put, 23)
	require.Len(t, f.completed, 21)
}

// TestCallsOfABatchAreConcurrent: a full batch takes as long as one call.
func TestCallsOfABatchAreConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{duration: 100 * time.Millisecond}
		var messages []lambdaevents.SQSMessage
		for i := range 97 {
			messages = append(messages, message(t, fmt.Sprint("m", i), events.InvoiceCreated, "1"))
		}
		began := time.Now() //nolint:forbidigo // the bubble's clock
		require.Empty(t, f.handle(t, messages[:50]...))
		require.Equal(t, f.duration, time.Since(began))
		require.Empty(t, f.handle(t, messages...))
		require.Equal(t, 5, f.most, "bounded")
		require.Len(t, f.put, 147)
	})
}

// TestAThrottledEventIsWaitedFor: the bus is at fault, not the event.
func TestAThrottledEventIsWaitedFor(t *testing.T) {
	f := &fixture{refused: map[int]bool{0: true}}
	nth := strconv.Itoa(queue.MaxReceives)
	require.Equal(t, []string{"a"}, f.handle(t, message(t, "a", events.InvoiceCreated, nth)))
	require.Empty(t, f.dead)
}

func TestTheLastFailureIsDeadLetteredAndPublished(t *testing.T) {
	f := &fixture{refused: map[int]bool{0: true}}
	require.Empty(t, f.handle(t, message(t, "a", events.InvoiceCreated, strconv.Itoa(queue.MaxReceivesInOutage))))
	require.Equal(t, []string{"retries_exhausted"}, f.dead)
	require.Equal(t, []string{events.InvoiceCreated, events.SagaStepFailed}, f.put)
}

func TestPermanentFailuresAreDeadLetteredAtOnce(t *testing.T) {
	f := &fixture{lost: true}
	junk := lambdaevents.SQSMessage{
		MessageId:  "j",
		Body:       "junk",
		Attributes: map[string]string{"ApproximateReceiveCount": "1"},
	}
	require.Empty(t, f.handle(t, junk, message(t, "a", events.InvoiceCreated, "1")))
	require.ElementsMatch(t, []string{"malformed_event", "saga_not_committed"}, f.dead)
}
