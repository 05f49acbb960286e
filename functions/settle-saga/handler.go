package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/telemetry"
)

type (
	sagas interface {
		Settle(ctx context.Context, sagaID string, redrive int, done []saga.StepAttempt) (saga.Record, error)
	}
	producer interface {
		Send(ctx context.Context, merchantID string, m any) error
	}
)

type handler struct {
	sagas   sagas
	publish producer
	now     func() time.Time
	log     *slog.Logger
}

// result is recorded in the execution's history.
type result struct {
	State saga.State `json:"state"`
}

// settle is the last state of the state machine: it records how the compensations ended
// and publishes the saga's event.
func (h handler) settle(ctx context.Context, in saga.Input) (any, error) {
	telemetry.Saga(ctx, in.SagaID, in.MerchantID)
	ctx, span := telemetry.Span(ctx, step.Settle)
	defer span.End()
	r, err := h.sagas.Settle(ctx, in.SagaID, in.Redrive, h.attempts(in))
	if errors.Is(err, saga.ErrLost) {
		h.log.WarnContext(ctx, "a later execution has the saga", slog.String(telemetry.SagaID, in.SagaID))
		return result{State: r.State}, nil
	}
	if err != nil {
		return nil, function.Failure(err)
	}
	h.log.InfoContext(ctx, "saga settled", slog.String(telemetry.SagaID, r.SagaID), slog.String("state", string(r.State)))
	if err := h.sendEvent(ctx, r); err != nil {
		return nil, function.Failure(err)
	}
	return result{State: r.State}, nil
}

// sendEvent queues the saga's event. When this function is retried it sends the event
// again, with the same event id.
func (h handler) sendEvent(ctx context.Context, r saga.Record) error {
	kind, data := events.InvoiceCompensated, events.SagaFailed{Reason: r.Reason}
	if r.State == saga.Stuck {
		kind, data.Step = events.SagaStuck, r.Pending[0]
	}
	event, err := events.New(kind, r.SagaID, r.MerchantID, h.now().UTC().Format(time.RFC3339), data)
	if err != nil {
		return err
	}
	event.TraceParent = telemetry.TraceParent(ctx)
	return h.publish.Send(ctx, r.MerchantID, events.PublishRequest{Event: event})
}

// attempts reads the results of the compensations. A caught failure holds the error's
// name under Error.
func (h handler) attempts(in saga.Input) []saga.StepAttempt {
	var attempts []saga.StepAttempt
	for _, c := range []struct{ key, name string }{{step.DeleteKey, step.Delete}, {step.ReleaseKey, step.Release}} {
		raw, ran := in.Results[c.key]
		if !ran || !in.Pending[c.key] {
			continue
		}
		a := saga.StepAttempt{Name: c.name, Attempt: in.Redrive + 1, StartedAt: h.now().UnixMilli(), Outcome: saga.OK}
		var failure struct{ Error string }
		if err := json.Unmarshal(raw, &failure); err != nil || failure.Error != "" {
			a.Outcome, a.Error = saga.Failed, failure.Error
		}
		attempts = append(attempts, a)
	}
	return attempts
}
