package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
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

// world stands for the bus, the sagas and the dead letter queue.
type world struct {
	refused   map[int]bool // entries that the bus does not take
	down      error        // of the whole call
	completed []string
	lost      bool
	put       []string
	buried    []string
}

func (w *world) PutEvents(
	_ context.Context,
	in *eventbridge.PutEventsInput,
	_ ...func(*eventbridge.Options),
) (*eventbridge.PutEventsOutput, error) {
	if w.down != nil {
		return nil, w.down
	}
	if len(in.Entries) > 10 {
		return nil, errors.New("ValidationException: at most 10 entries")
	}
	out := &eventbridge.PutEventsOutput{}
	for i, e := range in.Entries {
		w.put = append(w.put, *e.DetailType)
		entry := types.PutEventsResultEntry{EventId: aws.String("x")}
		if w.refused[i] {
			out.FailedEntryCount++
			entry = types.PutEventsResultEntry{ErrorCode: aws.String("ThrottlingException")}
		}
		out.Entries = append(out.Entries, entry)
	}
	return out, nil
}

func (w *world) Complete(_ context.Context, sagaID string, steps ...saga.StepAttempt) error {
	if w.lost {
		return saga.ErrLost
	}
	w.completed = append(w.completed, sagaID)
	if len(steps) != 2 {
		return errors.New("two steps are told")
	}
	return nil
}

func (w *world) SendMessage(
	_ context.Context,
	in *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	w.buried = append(w.buried, *in.MessageAttributes[queue.AttrCode].StringValue)
	return &sqs.SendMessageOutput{}, nil
}

func (*world) ChangeMessageVisibilityBatch(
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

func (w *world) handle(t *testing.T, messages ...lambdaevents.SQSMessage) []string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	h := handler{
		sagas: w, bus: "bus", client: w, now: time.Now, log: log, //nolint:forbidigo // times are not looked at
		consumer: queue.Consumer{SQS: w, DLQ: "dlq", Workers: 1, Log: log},
	}
	out, err := h.handle(t.Context(), lambdaevents.SQSEvent{Records: messages})
	require.NoError(t, err)
	failed := []string{}
	for _, f := range out.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func TestOnlyRefusedEventsComeBack(t *testing.T) {
	w := &world{refused: map[int]bool{1: true}}
	failed := w.handle(
		t,
		message(t, "a", events.InvoiceCreated, "1"),
		message(t, "b", events.InvoiceCreated, "1"),
		message(t, "c", events.SagaStuck, "1"),
	)
	require.Equal(t, []string{"b"}, failed)
	require.Equal(t, []string{"saga-a"}, w.completed, "only an announced invoice completes its saga")
}

func TestABusThatIsDownFailsAll(t *testing.T) {
	w := &world{down: errors.New("down")}
	require.Equal(
		t,
		[]string{"a", "b"},
		w.handle(t, message(t, "a", events.InvoiceCreated, "1"), message(t, "b", events.InvoiceCreated, "1")),
	)
	require.Empty(t, w.completed)
}

func TestALargeBatchTakesSeveralCalls(t *testing.T) {
	w := &world{refused: map[int]bool{9: true}} // of each call
	var messages []lambdaevents.SQSMessage
	for i := range 23 {
		messages = append(messages, message(t, fmt.Sprint("m", i), events.InvoiceCreated, "1"))
	}
	require.Equal(t, []string{"m9", "m19"}, w.handle(t, messages...))
	require.Len(t, w.put, 23)
	require.Len(t, w.completed, 21)
}

func TestTheLastFailureIsDeadLetteredAndAnnounced(t *testing.T) {
	w := &world{refused: map[int]bool{0: true}}
	require.Empty(t, w.handle(t, message(t, "a", events.InvoiceCreated, strconv.Itoa(queue.MaxReceives))))
	require.Equal(t, []string{"retries_exhausted"}, w.buried)
	require.Equal(t, []string{events.InvoiceCreated, events.SagaStepFailed}, w.put)
}

func TestWhatIsNoEventOrOfNoCommittedSagaIsBuriedAtOnce(t *testing.T) {
	w := &world{lost: true}
	junk := lambdaevents.SQSMessage{
		MessageId:  "j",
		Body:       "junk",
		Attributes: map[string]string{"ApproximateReceiveCount": "1"},
	}
	require.Empty(t, w.handle(t, junk, message(t, "a", events.InvoiceCreated, "1")))
	require.ElementsMatch(t, []string{"malformed_event", "saga_not_committed"}, w.buried)
}
