package statemachine_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// The functions behind the queues, without their wrapping: the same calls of the same
// packages in the same order.

// deliver hands a message to its consumer. An error brings it back.
func (w *world) deliver(ctx context.Context, m message) error {
	switch body := m.body.(type) {
	case events.InvoiceRequest:
		return w.request(ctx, m, body)
	case events.AuditRequest:
		return w.logAudit(ctx, body)
	case events.PublishRequest:
		return w.publish(ctx, body.Event)
	case events.Event:
		return w.stock.Confirm(ctx, body.SagaID)
	}
	return nil
}

// request is the queue door of create-invoice: what is refused for good is buried.
func (w *world) request(ctx context.Context, m message, in events.InvoiceRequest) error {
	req, err := gst.ParseRequest(in.Invoice)
	if err != nil {
		return err
	}
	_, err = w.issuer.Issue(ctx, idempotency.Key{Scope: merchantID, ID: in.IdempotencyKey}, req)
	known, ok := errors.AsType[*problem.Error](err)
	if ok && known.RetryAfter == 0 && known.Kind != problem.Unavailable && known.Kind != problem.Internal {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.dead = append(w.dead, m)
		return nil
	}
	return err
}

func (w *world) logAudit(ctx context.Context, n events.AuditRequest) error {
	r, err := w.sagas.Load(ctx, n.SagaID)
	if err != nil || r.State != saga.Committed {
		return err
	}
	err = w.audit.Append(ctx, r.MerchantID, []audit.Entry{{
		MerchantID: r.MerchantID, SagaID: r.SagaID, Action: events.InvoiceCreated, InvoiceID: r.InvoiceID, InvoiceNumber: r.Number,
		DocumentType: r.Document, Total: money.Paise(r.TotalPaise), Fingerprint: r.Fingerprint, CommittedAt: r.CommittedAt,
	}})
	if err != nil {
		return err
	}
	event, err := events.New(events.InvoiceCreated, r.SagaID, r.MerchantID, time.UnixMilli(r.CommittedAt).UTC().Format(time.RFC3339), nil)
	if err != nil {
		return err
	}
	return outbox{w, "publish"}.Send(ctx, events.PublishRequest{Event: event})
}

// publish puts the event on the bus, whose rule hands it to the inventory, and ends
// the saga.
func (w *world) publish(ctx context.Context, e events.Event) error {
	if err := (outbox{w, "inventory"}).Send(ctx, e); err != nil {
		return err
	}
	w.mu.Lock()
	w.events[e.ID] = true
	w.mu.Unlock()
	return w.sagas.Complete(ctx, e.SagaID)
}

// compensate runs an execution: a task that fails is given up, and the others are
// still tried.
func (w *world) compensate(ctx context.Context, e execution) error {
	var done []saga.StepAttempt
	for _, task := range []struct {
		key, name string
		do        func() error
	}{
		{step.DeleteKey, step.Delete, func() error { return w.deleteInvoice(ctx, e.input.SagaID) }},
		{step.ReleaseKey, step.Release, func() error { return w.release(ctx, e.input) }},
	} {
		if !e.input.Pending[task.key] {
			continue
		}
		run := saga.StepAttempt{Name: task.name, Attempt: e.input.Redrive + 1, Outcome: saga.OK}
		if err := task.do(); err != nil {
			run.Outcome = saga.Failed
		}
		done = append(done, run)
	}
	_, err := w.sagas.Settle(ctx, e.input.SagaID, e.input.Redrive, done)
	if errors.Is(err, saga.ErrLost) {
		return nil
	}
	return err
}

func (w *world) deleteInvoice(ctx context.Context, sagaID string) error {
	held, err := w.sagas.CompensatingCheck(sagaID)
	if err != nil {
		return err
	}
	_, err = w.invoices.Delete(ctx, sagaID, held)
	return err
}

// release is the call of the function release-inventory.
func (w *world) release(ctx context.Context, in saga.Input) error {
	_, err := disturb(ctx, func(ctx context.Context) (*struct{}, error) {
		_, err := w.stock.Release(ctx, in.SagaID, in.MerchantID)
		return nil, err
	})
	return err
}

// recover is the function recover-sagas.
func (w *world) recover(ctx context.Context) error {
	err := w.locks.WithLock(ctx, "recovery", 0, func(ctx context.Context, lead lock.Lease) error {
		led := w.sagas.WithFence(lead)
		due, err := led.Due(ctx, 50)
		for _, r := range due {
			err = errors.Join(err, w.recoverOne(ctx, led, r))
		}
		return err
	})
	if _, held := errors.AsType[*lock.HeldError](err); held {
		return nil
	}
	return err
}

func (w *world) recoverOne(ctx context.Context, led *saga.Store, r saga.Record) error {
	var err error
	switch r.State {
	case saga.Begun:
		var owed []string
		if r.Reserves && r.Fence > 0 {
			owed = []string{step.Delete, step.Release}
		}
		r, err = led.Abandon(ctx, r, owed)
	case saga.Compensating, saga.Stuck:
		r, err = led.Redrive(ctx, r)
	case saga.Committed:
		if err := (outbox{w, "audit"}).Send(ctx, events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID}); err != nil {
			return err
		}
		return led.AuditRetried(ctx, r)
	default:
		return led.Dismiss(ctx, r)
	}
	if errors.Is(err, saga.ErrLost) || errors.Is(err, saga.ErrCommitted) {
		return nil
	}
	if err != nil || r.State != saga.Compensating {
		return err
	}
	return w.undoer.Start(ctx, r)
}

// takeMessage removes the nth message that waits.
func (w *world) takeMessage(n int) message {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.messages[n]
	w.messages = slices.Delete(w.messages, n, n+1)
	return m
}

func (w *world) back(m message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.messages = append(w.messages, m)
}

func (w *world) takeExecution(n int) execution {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.pending[n]
	w.pending = slices.Delete(w.pending, n, n+1)
	return e
}
