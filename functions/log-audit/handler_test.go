package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/problem"
)

// world stands for the sagas, the log, the publish queue and the dead letter queue.
type world struct {
	mu       sync.Mutex
	sagas    map[string]saga.Record
	failing  string // the merchant whose log cannot be appended to
	appended map[string]int
	sent     []events.PublishRequest
	buried   []string
	together *sync.WaitGroup // that appends wait for each other in; nil for none
}

func (w *world) Load(_ context.Context, id string) (saga.Record, error) {
	r, there := w.sagas[id]
	if !there {
		return r, &problem.Error{Kind: problem.NotFound, Code: "saga_not_found"}
	}
	return r, nil
}

func (w *world) Append(_ context.Context, merchantID string, entries []audit.Entry) error {
	if w.together != nil {
		w.together.Done()
		w.together.Wait()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if merchantID == w.failing {
		return errors.New("table away")
	}
	w.appended[merchantID] += len(entries)
	return nil
}

func (w *world) Send(_ context.Context, m any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, m.(events.PublishRequest))
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

func committed(id, merchant string) saga.Record {
	return saga.Record{SagaID: id, MerchantID: merchant, State: saga.Committed, InvoiceID: "i-" + id, TotalPaise: 100}
}

func newWorld() *world {
	return &world{appended: map[string]int{}, sagas: map[string]saga.Record{
		"a": committed("a", "m1"), "b": committed("b", "m1"), "c": committed("c", "m2"),
		"undoing": {SagaID: "undoing", State: saga.Compensating}, "done": {SagaID: "done", State: saga.Completed},
	}}
}

func (w *world) handle(t *testing.T, receives string, ids ...string) []string {
	t.Helper()
	var e lambdaevents.SQSEvent
	for i, id := range ids {
		body, err := json.Marshal(events.AuditRequest{SagaID: id, MerchantID: "m"})
		require.NoError(t, err)
		e.Records = append(
			e.Records,
			lambdaevents.SQSMessage{
				MessageId:  id + string(rune('0'+i)),
				Body:       string(body),
				Attributes: map[string]string{"ApproximateReceiveCount": receives},
			},
		)
	}
	log := slog.New(slog.DiscardHandler)
	h := handler{
		sagas: w, audit: w, publish: w, now: time.Now, log: log, //nolint:forbidigo // times are not looked at
		consumer: queue.Consumer{SQS: w, DLQ: "dlq", Workers: 1, Log: log},
	}
	out, err := h.handle(t.Context(), e)
	require.NoError(t, err)
	failed := []string{}
	for _, f := range out.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func TestCommittedSagasAreAuditedTogetherAndHandedOn(t *testing.T) {
	w := newWorld()
	require.Empty(t, w.handle(t, "1", "a", "b", "c", "undoing", "done"))
	require.Equal(t, map[string]int{"m1": 2, "m2": 1}, w.appended)
	require.Len(t, w.sent, 3, "nothing is announced of sagas that did not commit, or were announced")
	require.Equal(t, "a.invoice.created", w.sent[0].Event.ID)
}

func TestMerchantsAreAppendedSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // one after the other would be a deadlock
		w := newWorld()
		w.together = &sync.WaitGroup{}
		w.together.Add(2)
		require.Empty(t, w.handle(t, "1", "a", "b", "c"))
		require.Equal(t, map[string]int{"m1": 2, "m2": 1}, w.appended)
	})
}

func TestADuplicateInOneBatchIsAppendedOnce(t *testing.T) {
	w := newWorld()
	require.Empty(t, w.handle(t, "1", "a", "a"))
	require.Equal(t, map[string]int{"m1": 1}, w.appended)
}

func TestOneMerchantsFailureIsItsOwn(t *testing.T) {
	w := newWorld()
	w.failing = "m1"
	require.Equal(t, []string{"a0", "b1"}, w.handle(t, "1", "a", "b", "c"))
	require.Len(t, w.sent, 1)
}

func TestTheLastFailureIsDeadLetteredAndAnnounced(t *testing.T) {
	w := newWorld()
	w.failing = "m1"
	require.Empty(t, w.handle(t, strconv.Itoa(queue.MaxReceives), "a"))
	require.Equal(t, []string{"retries_exhausted"}, w.buried)
	require.Equal(t, events.SagaStepFailed, w.sent[0].Event.Type)
}

func TestAnUnknownSagaIsBuriedAtOnce(t *testing.T) {
	w := newWorld()
	require.Empty(t, w.handle(t, "1", "nobody"))
	require.Equal(t, []string{"saga_not_found"}, w.buried)
}
