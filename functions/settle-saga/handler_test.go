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

// world settles as it is told, and keeps what it is given.
type world struct {
	record  saga.Record
	err     error
	sendErr error
	done    []saga.StepAttempt
	sent    []any
}

func (w *world) Settle(_ context.Context, _ string, _ int, done []saga.StepAttempt) (saga.Record, error) {
	w.done = done
	return w.record, w.err
}

func (w *world) Send(_ context.Context, m any) error {
	w.sent = append(w.sent, m)
	return w.sendErr
}

func (w *world) handle(t *testing.T, input string) (result, error) {
	t.Helper()
	var in saga.Input
	require.NoError(t, json.Unmarshal([]byte(input), &in))
	h := handler{sagas: w, publish: w, now: time.Now, log: slog.New(slog.DiscardHandler)} //nolint:forbidigo // times are not looked at
	return h.handle(t.Context(), in)
}

// mixed is what the state machine hands over when one compensation was caught.
const mixed = `{"saga_id":"s","merchant_id":"m","redrive":1,"pending":{"delete_invoice":true,"release_inventory":true},
	"results":{"delete_invoice":{"outcome":"nothing_to_delete"},"release_inventory":{"Error":"Lambda.TooManyRequestsException","Cause":"x"}}}`

func TestResultsBecomeStepsOfTheTimeline(t *testing.T) {
	w := &world{record: saga.Record{SagaID: "s", State: saga.Stuck, Pending: []string{step.Release}}}
	out, err := w.handle(t, mixed)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, out.State)
	require.Len(t, w.done, 2)
	require.Equal(t, []string{step.Delete, saga.OK, ""}, []string{w.done[0].Name, w.done[0].Outcome, w.done[0].Error})
	require.Equal(t, []string{step.Release, saga.Failed, "Lambda.TooManyRequestsException"}, []string{w.done[1].Name, w.done[1].Outcome, w.done[1].Error})
	require.Equal(t, 2, w.done[1].Attempt)
	require.Equal(t, events.SagaStuck, w.sent[0].(events.PublishRequest).Event.Type)
}

func TestWhatWasNotOwedIsNotTold(t *testing.T) {
	w := &world{record: saga.Record{SagaID: "s", State: saga.Compensated}}
	_, err := w.handle(t, `{"saga_id":"s","pending":{"delete_invoice":false,"release_inventory":true},"results":{"release_inventory":{"outcome":"released"}}}`)
	require.NoError(t, err)
	require.Len(t, w.done, 1)
	require.Equal(t, events.InvoiceCompensated, w.sent[0].(events.PublishRequest).Event.Type)
}

func TestALaterExecutionHasTheSay(t *testing.T) {
	w := &world{err: saga.ErrLost, record: saga.Record{State: saga.Compensated}}
	_, err := w.handle(t, mixed)
	require.NoError(t, err)
	require.Empty(t, w.sent)
}

// A failure is named for Step Functions by its outermost type.
func TestFailuresAreNamed(t *testing.T) {
	for _, w := range []*world{{err: errors.New("table away")}, {record: saga.Record{State: saga.Compensated}, sendErr: errors.New("queue away")}} {
		_, err := w.handle(t, mixed)
		named, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // Step Functions looks at the outermost error alone
		require.True(t, ok)
		require.Equal(t, function.ErrUnavailable, named.Type)
	}
}
