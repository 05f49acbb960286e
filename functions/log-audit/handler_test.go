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

// fixture is the sagas, the audit log, the publish queue and the dead letter queue.
type fixture struct {
	mu       sync.Mutex
	sagas    map[string]saga.Record
	failing  bool           // appends fail
	appended map[string]int // entries by merchant
	entries  []audit.Entry
	sent     []events.PublishRequest
	dead     []string // codes of the dead letters
	appends  int      // calls
	publish  producer // itself, or a client
	workers  int
}

func (f *fixture) Load(_ context.Context, id string) (saga.Record, error) {
	r, there := f.sagas[id]
	if !there {
		return r, &problem.Error{Kind: problem.NotFound, Code: "saga_not_found"}
	}
	return r, nil
}

func (f *fixture) Append(_ context.Context, entries []audit.Entry) error {
	if f.failing {
		return errors.New("connection reset")
	}
	for _, e := range entries {
		f.appended[e.MerchantID]++
	}
	f.entries = append(f.entries, entries...)
	f.appends++
	return nil
}

func (f *fixture) Send(_ context.Context, _ string, m any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, m.(events.PublishRequest))
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

func committed(id, merchant string) saga.Record {
	return saga.Record{SagaID: id, MerchantID: merchant, State: saga.Committed, InvoiceID: "i-" + id, TotalPaise: 100}
}

func newFixture() *fixture {
	f := &fixture{workers: 1, appended: map[string]int{}, sagas: map[string]saga.Record{
		"a": committed("a", "m1"), "b": committed("b", "m1"), "c": committed("c", "m2"),
		"compensating": {SagaID: "compensating", State: saga.Compensating}, "done": {SagaID: "done", State: saga.Completed},
	}}
	f.publish = f
	return f
}

func (f *fixture) handle(t *testing.T, receives string, ids ...string) []string {
	t.Helper()
	var requests []events.AuditRequest
	for _, id := range ids {
		requests = append(requests, events.AuditRequest{SagaID: id, MerchantID: "m"})
	}
	return f.handleAll(t, receives, requests...)
}

// handleAll handles a batch and returns what failed: an id and the position in the batch.
func (f *fixture) handleAll(t *testing.T, receives string, requests ...events.AuditRequest) []string {
	t.Helper()
	var e lambdaevents.SQSEvent
	for i, r := range requests {
		body, err := json.Marshal(r)
		require.NoError(t, err)
		e.Records = append(e.Records, lambdaevents.SQSMessage{
			MessageId: r.SagaID + string(rune('0'+i)), Body: string(body),
			Attributes: map[string]string{"ApproximateReceiveCount": receives},
		})
	}
	log, now := slog.New(slog.DiscardHandler), time.Now //nolint:forbidigo // times are not looked at
	h := handler{
		sagas: f, audit: f, publish: f.publish, now: now, log: log,
		consumer: queue.Consumer{SQS: f, DLQ: "dlq", Workers: f.workers, Log: log, Now: now},
	}
	out, err := h.handle(t.Context(), e)
	require.NoError(t, err)
	failed := []string{}
	for _, item := range out.BatchItemFailures {
		failed = append(failed, item.ItemIdentifier)
	}
	return failed
}

func TestCommittedSagasAreAuditedTogetherAndPublished(t *testing.T) {
	f := newFixture()
	require.Empty(t, f.handle(t, "1", "a", "b", "c", "compensating", "done"))
	require.Equal(t, map[string]int{"m1": 2, "m2": 1}, f.appended)
	require.Len(t, f.sent, 3, "one for each committed saga, none for the others")
	require.Equal(t, "a.invoice.created", f.sent[0].Event.ID)
}

// publisher is the client of the publish queue. A call takes 20 ms.
type publisher struct {
	queue.BatchClient

	mu    sync.Mutex
	sizes []int // of the calls
}

func (p *publisher) SendMessageBatch(
	_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageBatchOutput, error) {
	<-time.After(20 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sizes = append(p.sizes, len(in.Entries))
	return &sqs.SendMessageBatchOutput{}, nil
}

// TestAFullBatchTakesFewCalls: one append, and ten concurrent sends of ten messages.
func TestAFullBatchTakesFewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, p := newFixture(), &publisher{}
		var ids []string
		for n := range audit.MaxBatch {
			ids = append(ids, strconv.Itoa(n))
			f.sagas[ids[n]] = committed(ids[n], "m")
		}
		f.publish, f.workers = queue.NewBatchProducer(p, queue.Producer{URL: "publish"}), audit.MaxBatch
		began := time.Now() //nolint:forbidigo // the bubble's clock
		require.Empty(t, f.handle(t, "1", ids...))
		require.LessOrEqual(t, time.Since(began), 22*time.Millisecond)
		require.Equal(t, 1, f.appends)
		require.Len(t, p.sizes, 10)
		require.Len(t, f.entries, audit.MaxBatch)
	})
}

// TestARequestThatOvertakesItsCommitComesAgain, as long as the saga's owner may commit it.
func TestARequestThatOvertakesItsCommitComesAgain(t *testing.T) {
	f := newFixture()
	r := committed("a", "m1")
	r.State = saga.Begun
	r.LeaseUntil = time.Now().Add(time.Minute).UnixMilli() //nolint:forbidigo // the handler's clock
	f.sagas["a"] = r
	require.Equal(t, []string{"a0"}, f.handle(t, "1", "a"))
	r.State = saga.Committed
	f.sagas["a"] = r
	require.Empty(t, f.handle(t, "2", "a"))
	require.Len(t, f.sent, 1)
	r.State, r.LeaseUntil = saga.Begun, 1
	f.sagas["a"] = r
	require.Empty(t, f.handle(t, "1", "a"), "recovery has it")
}

func TestACancellationIsAnEntryAndAnEventOfItsOwn(t *testing.T) {
	f := newFixture()
	r := committed("a", "m1")
	r.Cancels = true
	f.sagas["a"] = r
	require.Empty(t, f.handle(t, "1", "a"))
	require.Equal(t, events.InvoiceCancelled, f.entries[0].Action)
	require.Equal(t, "a.invoice.cancelled", f.sent[0].Event.ID)
}

// TestEntryNamesTheActorOfTheRecord: the request for the audit has no actor.
func TestEntryNamesTheActorOfTheRecord(t *testing.T) {
	f := newFixture()
	r := committed("a", "m1")
	r.Actor = "cl_1"
	f.sagas["a"] = r
	require.Empty(t, f.handle(t, "1", "a"))
	require.Equal(t, "cl_1", f.entries[0].Actor)
}

func TestADuplicateInOneBatchIsAppendedOnce(t *testing.T) {
	f := newFixture()
	require.Empty(t, f.handle(t, "1", "a", "a"))
	require.Equal(t, map[string]int{"m1": 1}, f.appended)
}

func TestAFailureIsOfAllThatIsAppended(t *testing.T) {
	f := newFixture()
	f.failing = true
	require.Equal(t, []string{"a0", "b1"}, f.handle(t, "1", "a", "b", "done"))
	require.Empty(t, f.sent)
}

func TestAnActIsAppendedAndPublishesNothing(t *testing.T) {
	f := newFixture()
	act := events.Act{
		ID: "act-1", Action: "breaker.forced", Subject: "inventory", Actor: "operator",
		At: time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC),
	}
	require.Empty(t, f.handleAll(t, "1", events.AuditRequest{Act: &act}))
	require.Equal(t, []audit.Entry{{
		ID: "act-1", Action: "breaker.forced", Subject: "inventory", Actor: "operator", Date: "2026-12-01",
		At: act.At.UnixMilli(),
	}}, f.entries)
	require.Empty(t, f.sent)
}

// TestAMalformedActStopsNobodyElse: one without an id.
func TestAMalformedActStopsNobodyElse(t *testing.T) {
	f := newFixture()
	act := events.Act{Action: "breaker.forced"}
	require.Empty(t, f.handleAll(t, "1", events.AuditRequest{Act: &act}, events.AuditRequest{SagaID: "a"}))
	require.Equal(t, []string{"malformed_audit_request"}, f.dead)
	require.Len(t, f.entries, 1)
}

func TestTheLastFailureIsDeadLetteredAndPublished(t *testing.T) {
	f := newFixture()
	f.failing = true
	require.Empty(t, f.handle(t, strconv.Itoa(queue.MaxReceivesInOutage), "a"))
	require.Equal(t, []string{"retries_exhausted"}, f.dead)
	require.Equal(t, events.SagaStepFailed, f.sent[0].Event.Type)
}

func TestAnUnknownSagaIsDeadLetteredAtOnce(t *testing.T) {
	f := newFixture()
	require.Empty(t, f.handle(t, "1", "unknown"))
	require.Equal(t, []string{"saga_not_found"}, f.dead)
}
