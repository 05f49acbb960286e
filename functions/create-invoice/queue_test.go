package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

const (
	theKey   = "8e03978e-40d5-43e8-bc93-6894a57f9324"
	document = `{"invoice_number":"A-1","seller_merchant_id":"m-1","invoice_date":"2025-11-26","total_amount":1}`
)

// fixture is a consumer of the queue whose issuer answers err. It records what becomes of
// requests, the events, and the dead letters.
type fixture struct {
	handler

	recorded []string
	next     time.Time
	sent     []any
	sendErr  error
	dead     []*sqs.SendMessageInput
}

func setup(t *testing.T, err error) *fixture {
	t.Helper()
	f := &fixture{}
	log, now := slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(0, 0) }
	f.handler = handler{
		issuer: answers{err: err}, requests: f, publish: f, log: log, now: now,
		consumer: queue.Consumer{SQS: deadLetters{f: f}, Log: log, Now: now},
	}
	return f
}

func (f *fixture) Retry(_ context.Context, m saga.Message, code string, next time.Time) error {
	f.recorded = append(f.recorded, "retry "+m.Key.Scope+" "+code)
	f.next = next
	return nil
}

func (f *fixture) DeadLetter(_ context.Context, m saga.Message, code string) error {
	f.recorded = append(f.recorded, "dead letter "+m.Key.Scope+" "+code)
	return nil
}

func (f *fixture) RefuseRequest(_ context.Context, m saga.Message, e *problem.Error) error {
	f.recorded = append(f.recorded, "refuse "+m.Key.Scope+" "+e.Code)
	return nil
}

func (f *fixture) Send(_ context.Context, _ string, m any) error {
	f.sent = append(f.sent, m)
	return f.sendErr
}

// deadLetters is the client of the consumer's queues.
type deadLetters struct {
	queue.Client
	f *fixture
}

func (d deadLetters) SendMessage(
	_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options),
) (*sqs.SendMessageOutput, error) {
	d.f.dead = append(d.f.dead, in)
	return &sqs.SendMessageOutput{}, nil
}

func (deadLetters) ChangeMessageVisibilityBatch(
	context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// deliver delivers a message for the nth time and reports whether it is deleted.
func (f *fixture) deliver(t *testing.T, body string, nth int) bool {
	t.Helper()
	out, err := f.batch(t.Context(), lambdaevents.SQSEvent{Records: []lambdaevents.SQSMessage{{
		MessageId: "id-1", Body: body, Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(nth)},
	}}})
	require.NoError(t, err)
	return len(out.BatchItemFailures) == 0
}

// TestTheQueueReportsItsSender: SQS does, the message does not.
func TestTheQueueReportsItsSender(t *testing.T) {
	t.Parallel()
	f, by := setup(t, nil), issuance.Actor{}
	f.issuer = answers{by: &by}
	in := message(theKey, document)
	_, err := f.batch(t.Context(), lambdaevents.SQSEvent{Records: []lambdaevents.SQSMessage{{
		Body: in, Attributes: map[string]string{"SenderId": "AROA1:session"},
	}}})
	require.NoError(t, err)
	parsed, err := issuance.ParseMessage(in)
	require.NoError(t, err)
	require.Equal(t, parsed.SentBy("AROA1:session"), by)
	require.NotEqual(t, parsed.SentBy(""), by)
}

func message(key, invoice string) string {
	return fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, key, invoice)
}

func TestAFaultIsRetriedAndThenDeadLettered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err      error
		code     string
		receives int
	}{
		"unavailable": {
			&problem.Error{Kind: problem.Unavailable, Code: "inventory_unavailable"}, "inventory_unavailable",
			queue.MaxReceivesInOutage,
		},
		"in progress": {
			&problem.Error{Kind: problem.Conflict, Code: "request_in_progress", RetryAfter: 1}, "request_in_progress",
			queue.MaxReceivesInOutage,
		},
		"a fault": {errors.New("no such field"), "internal", queue.MaxReceives},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, tc.err)
			require.False(t, f.deliver(t, message(theKey, document), 1))
			require.Equal(t, []string{"retry m-1 " + tc.code}, f.recorded)
			require.Equal(t, 6*time.Second, f.next.Sub(f.now()), "at the latest")
			require.False(t, f.deliver(t, message(theKey, document), tc.receives-1))
			require.True(t, f.deliver(t, message(theKey, document), tc.receives))
			require.Equal(t, "dead letter m-1 "+tc.code, f.recorded[len(f.recorded)-1])
			require.Len(t, f.dead, 1)
			require.Empty(t, f.sent)
		})
	}
}

// TestARefusalIsAnEvent: dead letters are for what an operator must look at.
func TestARefusalIsAnEvent(t *testing.T) {
	t.Parallel()
	findings := []gst.Finding{{Code: "gstin_checksum"}, {Code: "no_items"}}
	f := setup(t, &problem.Error{
		Kind: problem.Conflict, Code: "out_of_stock", Message: "too little", SagaID: "s", Retryable: true,
		Fields:     []problem.FieldError{{Field: "items[0].quantity"}, {Field: "items[1].quantity"}},
		Extensions: map[string]any{"findings": findings},
	})
	f.sendErr = errors.New("connection reset")
	require.False(t, f.deliver(t, message(theKey, document), 1), "it is sent again")
	f.sendErr = nil
	require.True(t, f.deliver(t, message(theKey, document), 2))
	require.Equal(t, []string{"refuse m-1 out_of_stock", "refuse m-1 out_of_stock"}, f.recorded)
	require.Empty(t, f.dead)
	require.Equal(t, f.sent[0], f.sent[1], "the same event")
	event := f.sent[0].(events.PublishRequest).Event
	require.Equal(t, []string{"id-1.invoice.refused", "m-1", "s"}, []string{event.ID, event.MerchantID, event.SagaID})
	var data events.RequestRefused
	require.NoError(t, json.Unmarshal(event.Data, &data))
	require.Equal(t, []string{theKey, "out_of_stock"}, []string{data.IdempotencyKey, data.Reason})
	require.Contains(t, string(data.Errors), "items[1].quantity")
	require.Contains(t, string(data.Findings), "no_items")
}

// TestTheQueueIsAsStrictAsTheAPI: what does not identify its sender is a dead letter that names
// every fault. What does is told to the sender.
func TestTheQueueIsAsStrictAsTheAPI(t *testing.T) {
	t.Parallel()
	twice := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s,"invoice":%s}`, theKey, document, document)
	faulty := strings.Replace(document, `"A-1"`, `"A_1","colour":1,"due_date":"x","items":[{"hsn":"x"}]`, 1)
	const invalid = "invalid_request"
	for name, tc := range map[string]struct {
		body, code string
		reason     string // part of the dead letter's; empty if the sender is told
	}{
		"no JSON":           {"order 7", "body_not_json", "not valid JSON"},
		"without key":       {document, invalid, "idempotency_key: is required"},
		"without invoice":   {document, invalid, "invoice: is required"},
		"invoice twice":     {twice, "duplicate_field", "invoice: appears more than once"},
		"key of an order":   {message("order-77", document), invalid, "idempotency_key: must be a UUID"},
		"invoice is a list": {message(theKey, "[]"), invalid, "invoice: must be an object"},
		"names in any case": {strings.Replace(message(theKey, document), "invoice", "INVOICE", 1), invalid, "INVOICE: is"},
		"no merchant":       {message(theKey, `{}`), invalid, "invoice.seller_merchant_id: is required"},
		"an unknown name":   {`{"correlation_id":1,` + message(theKey, document)[1:], invalid, ""},
		"a faulty invoice":  {message(theKey, faulty), invalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, errors.New("it must not be issued"))
			require.True(t, f.deliver(t, tc.body, 1))
			if tc.reason == "" {
				require.Empty(t, f.dead)
				require.Equal(t, []string{"refuse m-1 " + tc.code}, f.recorded)
				return
			}
			require.Len(t, f.dead, 1)
			require.Equal(t, tc.body, *f.dead[0].MessageBody)
			require.Equal(t, tc.code, aws.ToString(f.dead[0].MessageAttributes[queue.AttrCode].StringValue))
			require.Contains(t, aws.ToString(f.dead[0].MessageAttributes[queue.AttrReason].StringValue), tc.reason)
		})
	}
}

func TestEveryFaultOfAnInvoiceIsTold(t *testing.T) {
	t.Parallel()
	f := setup(t, errors.New("it must not be issued"))
	faulty := strings.Replace(document, `"A-1"`, `"A_1","colour":1,"due_date":"x","items":[{"hsn":"x"}]`, 1)
	require.True(t, f.deliver(t, message(theKey, faulty), 1))
	data := string(f.sent[0].(events.PublishRequest).Event.Data)
	for _, field := range []string{"invoice_number", "colour", "due_date", "items[0].hsn"} {
		require.Contains(t, data, "invoice."+field)
	}
}
