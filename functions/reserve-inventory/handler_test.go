package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// fakeStore returns its errors and records its calls.
type fakeStore struct {
	err      error
	errs     map[string]error // of confirmAll, by saga
	reserved inventory.Reservation
	deadline time.Time
	counted  inventory.Count
	moved    inventory.Movement
	of       string // whose token the callers have; m if empty

	mu      sync.Mutex
	batches []int // sizes of the confirmed batches
}

func (f *fakeStore) Reserve(ctx context.Context, r inventory.Reservation) error {
	f.reserved = r
	f.deadline, _ = ctx.Deadline()
	return f.err
}

func (f *fakeStore) confirmAll(_ context.Context, sagaIDs []string) []batch.Result[struct{}] {
	results := make([]batch.Result[struct{}], len(sagaIDs))
	for i, id := range sagaIDs {
		results[i].Err = f.errs[id]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, len(sagaIDs))
	return results
}

func (f *fakeStore) Count(_ context.Context, c inventory.Count) (inventory.Level, error) {
	f.counted = c
	return inventory.Level{MerchantID: c.MerchantID, SKU: c.SKU, OnHand: c.OnHand, Version: 8}, f.err
}

func (f *fakeStore) Move(_ context.Context, m inventory.Movement) (inventory.Level, error) {
	f.moved = m
	return inventory.Level{MerchantID: m.MerchantID, SKU: m.SKU, OnHand: m.Delta, Version: 8, Replayed: true}, f.err
}

func (f *fakeStore) Get(_ context.Context, t caller.Tenant, sku string) (inventory.Level, error) {
	return inventory.Level{
		MerchantID: t.MerchantID(), SKU: sku, OnHand: 7500, Reserved: 1000, Sold: 2000, Version: 7,
	}, f.err
}

// fakeMerchants knows every merchant but `gone`.
type fakeMerchants struct{}

func (fakeMerchants) Get(_ context.Context, id string) (merchant.Profile, error) {
	if id == "gone" {
		return merchant.Profile{}, &problem.Error{Kind: problem.NotFound, Code: "merchant_not_found"}
	}
	return merchant.Profile{ID: id}, nil
}

func (f *fakeStore) List(
	_ context.Context, t caller.Tenant, cursor string, limit int,
) ([]inventory.Level, string, error) {
	level := inventory.Level{MerchantID: t.MerchantID(), SKU: "A", OnHand: money.Quantity(limit) * 1000}
	return []inventory.Level{level}, cursor + "more", f.err
}

// fakeDLQ records the messages that are sent to it, by reason code.
type fakeDLQ struct {
	mu     sync.Mutex
	bodies map[string]string
	err    error
}

func (f *fakeDLQ) SendMessage(
	_ context.Context,
	in *sqs.SendMessageInput,
	_ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bodies[*in.MessageAttributes[queue.AttrCode].StringValue] = *in.MessageBody
	return &sqs.SendMessageOutput{}, f.err
}

func (*fakeDLQ) ChangeMessageVisibilityBatch(
	context.Context,
	*sqs.ChangeMessageVisibilityBatchInput,
	...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// invoke sends payload the way Lambda does.
func invoke(t *testing.T, store *fakeStore, dlq *fakeDLQ, payload string) (string, error) {
	t.Helper()
	h := handler{
		store: store, merchants: fakeMerchants{}, confirms: batch.New(inventory.MaxConfirm, store.confirmAll),
		guard:   callertest.Guard(caller.Admin, cmp.Or(store.of, "m")),
		timeout: 4 * time.Second, now: time.Now, log: slog.New(slog.DiscardHandler), //nolint:forbidigo // as main does
	}
	h.consumer = queue.Consumer{SQS: dlq, Workers: 10, Log: h.log, Now: h.now}
	out, err := function.Runtime{Log: h.log}.Handler(h.dispatch()).Invoke(t.Context(), []byte(payload))
	return string(out), err
}

const reservation = `{"saga_id":"s","merchant_id":"m","returns":true,` +
	`"lines":[{"sku":"A","quantity":"2.5"},{"sku":"B","quantity":1}]}`

func TestReservePassesTheReservationOn(t *testing.T) {
	store := &fakeStore{}
	out, err := invoke(t, store, nil, reservation)
	require.NoError(t, err)
	require.JSONEq(t, `{"outcome":"reserved"}`, out)
	require.Equal(
		t,
		inventory.Reservation{
			SagaID:     "s",
			MerchantID: "m",
			Returns:    true,
			Lines:      []gst.StockLine{{SKU: "A", Quantity: 2500}, {SKU: "B", Quantity: 1000}},
		},
		store.reserved,
	)
	require.WithinDuration(
		t,
		time.Now().Add(4*time.Second), //nolint:forbidigo // the context's clock
		store.deadline,
		time.Second,
		"shorter than its saga's time",
	)
}

func TestARefusalIsAResult(t *testing.T) {
	for code, kind := range map[string]problem.Kind{
		inventory.OutOfStock: problem.Conflict, inventory.UnknownSKU: problem.Invalid,
		inventory.SagaEnded: problem.Conflict, inventory.Malformed: problem.Invalid,
	} {
		t.Run(code, func(t *testing.T) {
			out, err := invoke(
				t,
				&fakeStore{err: &inventory.RefusedError{Code: code, SKU: "A", Message: "SKU A"}},
				nil,
				reservation,
			)
			require.NoError(t, err)
			var result events.ReserveResult
			require.NoError(t, json.Unmarshal([]byte(out), &result))
			require.Equal(t, events.Refused, result.Outcome)
			var refusal problem.Error
			require.NoError(t, json.Unmarshal(result.Refusal, &refusal))
			require.Equal(t, code, refusal.Code)
			require.Equal(t, kind, refusal.Kind)
			require.Equal(t, "SKU A", refusal.Message)
		})
	}
}

// An error makes the saga compensate. None of these may look like a refusal.
func TestDoubtIsAnError(t *testing.T) {
	for name, tc := range map[string]struct {
		err       error
		payload   string
		errorType string
	}{
		"timeout":      {context.DeadlineExceeded, reservation, "Unavailable"},
		"busy":         {&problem.Error{Kind: problem.Unavailable, Code: "stock_busy"}, reservation, "Unavailable"},
		"contradicted": {&problem.Error{Kind: problem.Internal, Code: "reservation_mismatch"}, reservation, "Internal"},
		"not read":     {nil, `{"lines":[{"sku":"A","quantity":"1e3"}]}`, "Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := invoke(t, &fakeStore{err: tc.err}, nil, tc.payload)
			require.Empty(t, out)
			require.IsType(t, messages.InvokeResponse_Error{}, err, "Step Functions and Lambda read the outermost type")
			require.Equal(t, tc.errorType, err.(messages.InvokeResponse_Error).Type) //nolint:errorlint // likewise
		})
	}
}

func created(saga string) string {
	return `{"version":"0","source":"invochain","detail-type":"invoice.created","detail":{"id":"` + saga +
		`.invoice.created","type":"invoice.created","saga_id":"` + saga + `","merchant_id":"m"}}`
}

func queued(t *testing.T, bodies ...string) string {
	t.Helper()
	var e lambdaevents.SQSEvent
	for _, body := range bodies {
		e.Records = append(e.Records, lambdaevents.SQSMessage{MessageId: "id of " + body, Body: body, EventSource: "aws:sqs"})
	}
	raw, err := json.Marshal(e)
	require.NoError(t, err)
	return string(raw)
}

func TestABatchThatIsDone(t *testing.T) {
	store := &fakeStore{}
	out, err := invoke(t, store, &fakeDLQ{}, queued(t, created("s1"), created("s2")))
	require.NoError(t, err)
	require.Equal(t, []int{2}, store.batches, "they are confirmed together")
	require.JSONEq(t, `{"batchItemFailures":[]}`, out, "a null list would bring the batch back for ever")
}

func TestABatchInWhichEachMessageFailsAlone(t *testing.T) {
	other := `{"detail":{"type":"invoice.compensated","saga_id":"s1"}}`
	store := &fakeStore{errs: map[string]error{
		"busy":     &problem.Error{Kind: problem.Unavailable, Code: "stock_busy"},
		"lost":     context.DeadlineExceeded,
		"released": &problem.Error{Kind: problem.Internal, Code: "sold_after_release"},
	}}
	dlq := &fakeDLQ{bodies: map[string]string{}}
	out, err := invoke(
		t,
		store,
		dlq,
		queued(t, created("s1"), "no JSON", created("busy"), other, created("released"), created("lost"), created("s2")),
	)
	require.NoError(t, err)
	var answer lambdaevents.SQSEventResponse
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	require.Equal(t, []lambdaevents.SQSBatchItemFailure{
		{ItemIdentifier: "id of " + created("busy")}, {ItemIdentifier: "id of " + created("lost")},
	}, answer.BatchItemFailures, "what a retry may mend comes back")
	require.Equal(t, map[string]string{
		"malformed_event": "no JSON", "unexpected_event": other, "sold_after_release": created("released"),
	}, dlq.bodies, "what none mends goes to the DLQ as it came")
}

func TestAPermanentFailureIsRetriedWhileTheDLQFails(t *testing.T) {
	dlq := &fakeDLQ{bodies: map[string]string{}, err: context.DeadlineExceeded}
	out, err := invoke(t, &fakeStore{}, dlq, queued(t, "no JSON"))
	require.NoError(t, err)
	require.JSONEq(t, `{"batchItemFailures":[{"itemIdentifier":"id of no JSON"}]}`, out)
}
