package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
)

// fixture is the saga store and the queue: it returns what a test sets and records its calls.
type fixture struct {
	record  saga.Record
	err     error
	sendErr error
	done    []saga.StepAttempt
	sent    []any
	acts    []events.Act
	actErr  error
}

func (f *fixture) Settle(_ context.Context, _ string, _ int, done []saga.StepAttempt) (saga.Record, error) {
	f.done = done
	return f.record, f.err
}

func (f *fixture) Send(_ context.Context, _ string, m any) error {
	if request, ok := m.(events.AuditRequest); ok && request.Act != nil {
		f.acts = append(f.acts, *request.Act)
		return f.actErr
	}
	f.sent = append(f.sent, m)
	return f.sendErr
}

func (f *fixture) settle(t *testing.T, input string) (result, error) {
	t.Helper()
	var in saga.Input
	require.NoError(t, json.Unmarshal([]byte(input), &in))
	h := handler{
		sagas:   f,
		publish: f,
		audits:  f,
		now:     time.Now, //nolint:forbidigo // as main does
		log:     slog.New(slog.DiscardHandler),
	}
	out, err := h.settle(t.Context(), in)
	settled, _ := out.(result)
	return settled, err
}

// mixed is the state machine's state when one compensation was caught.
const mixed = `{"saga_id":"s","merchant_id":"m","redrive":1,"pending":{"delete_invoice":true,"release_inventory":true},
	"results":{"delete_invoice":{"outcome":"nothing_to_delete"},
		"release_inventory":{"Error":"Lambda.TooManyRequestsException","Cause":"x"}}}`

func TestResultsBecomeStepsOfTheTimeline(t *testing.T) {
	f := &fixture{record: saga.Record{SagaID: "s", State: saga.Stuck, Pending: []string{step.Release}}}
	out, err := f.settle(t, mixed)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, out.State)
	require.Len(t, f.done, 2)
	require.Equal(t, []string{step.Delete, saga.OK, ""}, []string{f.done[0].Name, f.done[0].Outcome, f.done[0].Error})
	require.Equal(
		t,
		[]string{step.Release, saga.Failed, "Lambda.TooManyRequestsException"},
		[]string{f.done[1].Name, f.done[1].Outcome, f.done[1].Error},
	)
	require.Equal(t, 2, f.done[1].Attempt)
	require.Equal(t, events.SagaStuck, f.sent[0].(events.PublishRequest).Event.Type)
}

// TestStuckSagasAreActs: the log has one entry for each redrive that got stuck. The saga moves on without
// it if the log cannot be reached.
func TestStuckSagasAreActs(t *testing.T) {
	f := &fixture{record: saga.Record{
		SagaID: "s", MerchantID: "m", State: saga.Stuck, Pending: []string{step.Release}, Redrive: 1,
	}}
	for range 2 { // it is retried
		_, err := f.settle(t, mixed)
		require.NoError(t, err)
	}
	require.Len(t, f.acts, 2)
	act := f.acts[0]
	require.Equal(t, events.Act{
		ID: act.ID, Action: events.SagaStuck, MerchantID: "m", Subject: "s", Actor: "settle-saga",
		Reason: "it owes " + step.Release, At: act.At,
	}, act)
	require.False(t, act.At.IsZero())
	require.Equal(t, act.ID, f.acts[1].ID)
	f.record.Redrive = 2
	f.actErr = errors.New("connection reset")
	out, err := f.settle(t, mixed)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, out.State)
	require.NotEqual(t, act.ID, f.acts[2].ID)
	require.Len(t, f.sent, 3, "its event is sent all the same")
}

func TestWhatWasNotOwedIsNotTold(t *testing.T) {
	f := &fixture{record: saga.Record{SagaID: "s", State: saga.Compensated}}
	_, err := f.settle(t, `{"saga_id":"s","pending":{"delete_invoice":false,"release_inventory":true},
		"results":{"release_inventory":{"outcome":"released"}}}`)
	require.NoError(t, err)
	require.Len(t, f.done, 1)
	require.Equal(t, events.InvoiceCompensated, f.sent[0].(events.PublishRequest).Event.Type)
}

// TestACancelledInvoiceIsAudited: its event follows the log.
func TestACancelledInvoiceIsAudited(t *testing.T) {
	const input = `{"saga_id":"s","merchant_id":"m","pending":{"return_stock":true,"void_number":true},
		"results":{"return_stock":{"outcome":"returned"},"void_number":{"outcome":"voided"}}}`
	f := &fixture{record: saga.Record{SagaID: "s", MerchantID: "m", Cancels: true, State: saga.Committed}}
	out, err := f.settle(t, input)
	require.NoError(t, err)
	require.Equal(t, saga.Committed, out.State)
	require.Equal(t, []string{step.Return, step.Void}, []string{f.done[0].Name, f.done[1].Name})
	require.Equal(t, []any{events.AuditRequest{SagaID: "s", MerchantID: "m"}}, f.sent)

	f = &fixture{record: saga.Record{SagaID: "s", Cancels: true, State: saga.Stuck, Pending: []string{step.Void}}}
	_, err = f.settle(t, input)
	require.NoError(t, err)
	require.Equal(t, events.SagaStuck, f.sent[0].(events.PublishRequest).Event.Type)
}

// TestStockThatIsBackAlready: the timeline says that it did not come back again.
func TestStockThatIsBackAlready(t *testing.T) {
	f := &fixture{record: saga.Record{SagaID: "s", Cancels: true, State: saga.Committed}}
	_, err := f.settle(t, `{"saga_id":"s","pending":{"return_stock":true},
		"results":{"return_stock":{"outcome":"not_returned"}}}`)
	require.NoError(t, err)
	require.Equal(t, []string{step.Return, saga.Refused, "not_sold"},
		[]string{f.done[0].Name, f.done[0].Outcome, f.done[0].Error})
}

func TestALaterExecutionHasTheSaga(t *testing.T) {
	f := &fixture{err: saga.ErrLost, record: saga.Record{State: saga.Compensated}}
	_, err := f.settle(t, mixed)
	require.NoError(t, err)
	require.Empty(t, f.sent)
}

// A failure is named for Step Functions by its outermost type.
func TestFailuresAreNamed(t *testing.T) {
	for name, f := range map[string]*fixture{
		"table fails": {err: errors.New("connection reset")},
		"queue fails": {record: saga.Record{State: saga.Compensated}, sendErr: errors.New("connection reset")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.settle(t, mixed)
			named, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // Step Functions matches the outermost error
			require.True(t, ok)
			require.Equal(t, function.ErrUnavailable, named.Type)
		})
	}
}
