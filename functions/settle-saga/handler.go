package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/inventory"
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
	audits  producer
	now     func() time.Time
	log     *slog.Logger
}

// result is recorded in the execution's history.
type result struct {
	State saga.State `json:"state"`
}

// settle is the last state of both state machines: it records how the steps ended and publishes
// the saga's event. That of a cancelled invoice follows its entry in the audit log, as that of an
// issued one does.
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
	if r.State == saga.Stuck {
		h.recordStuck(ctx, r)
	}
	send := h.sendEvent
	if r.Cancels && r.State != saga.Stuck {
		send = h.requestAudit
	}
	if err := send(ctx, r); err != nil {
		return nil, function.Failure(err)
	}
	return result{State: r.State}, nil
}

// recordStuck sends the act that the saga got stuck to the audit log, after it did: a log that cannot be
// reached does not change what happened to the saga. When this function is retried it sends the act again.
func (h handler) recordStuck(ctx context.Context, r saga.Record) {
	act := events.SagaAct(events.SagaStuck, r.SagaID, r.MerchantID, r.Redrive, "settle-saga")
	act.Reason, act.At = "it owes "+strings.Join(r.Pending, ", "), h.now()
	if err := h.audits.Send(ctx, r.MerchantID, events.AuditRequest{Act: &act}); err != nil {
		h.log.WarnContext(ctx, "act not recorded", slog.String("act", act.Action), slog.String("error", err.Error()))
	}
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

// requestAudit queues the audit of a cancelled invoice. When it is lost, recovery requests it.
func (h handler) requestAudit(ctx context.Context, r saga.Record) error {
	return h.audits.Send(ctx, r.MerchantID, events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID})
}

// attempts reads the results of the steps. A caught failure holds the error's
// name under Error.
func (h handler) attempts(in saga.Input) []saga.StepAttempt {
	var attempts []saga.StepAttempt
	for _, c := range append(step.Compensation(), step.Cancellation()...) {
		raw, ran := in.Results[c.Key]
		if !ran || !in.Pending[c.Key] {
			continue
		}
		a := saga.StepAttempt{Name: c.Name, Attempt: in.Redrive + 1, StartedAt: h.now().UnixMilli(), Outcome: saga.OK}
		var result struct{ Error, Outcome string }
		err := json.Unmarshal(raw, &result)
		switch {
		case err != nil || result.Error != "":
			a.Outcome, a.Error = saga.Failed, result.Error
		case result.Outcome == inventory.NotReturned:
			a.Outcome, a.Error = saga.Refused, inventory.NotSold
		}
		attempts = append(attempts, a)
	}
	return attempts
}
