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
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// The functions that consume the queues, without their frame: the same calls of the same
// packages in the same order.

// deliver calls a message's consumer. After an error the message is redelivered.
func (f *fixture) deliver(ctx context.Context, m message) error {
	switch body := m.body.(type) {
	case events.InvoiceRequest:
		return f.request(ctx, m, body)
	case events.AuditRequest:
		return f.logAudit(ctx, body)
	case events.PublishRequest:
		return f.publish(ctx, body.Event)
	case events.Event:
		return f.stock.Confirm(ctx, body.SagaID)
	}
	return nil
}

// request consumes an invoice request. A definite refusal is dead-lettered.
func (f *fixture) request(ctx context.Context, m message, in events.InvoiceRequest) error {
	req, err := gst.ParseRequest(in.Invoice)
	if err != nil {
		return err
	}
	_, err = f.issuer.Issue(ctx, issuance.Actor{}, idempotency.Key{Scope: merchantID, ID: in.IdempotencyKey}, req)
	known, ok := errors.AsType[*problem.Error](err)
	if ok && known.RetryAfter == 0 && known.Kind != problem.Unavailable && known.Kind != problem.Internal {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.dead = append(f.dead, m)
		return nil
	}
	return err
}

func (f *fixture) logAudit(ctx context.Context, n events.AuditRequest) error {
	r, err := f.sagas.Load(ctx, n.SagaID)
	if err != nil || r.State != saga.Committed {
		return err
	}
	kind := events.InvoiceCreated
	if r.Cancels {
		kind = events.InvoiceCancelled
	}
	err = f.audit.Append(ctx, []audit.Entry{{
		ID: r.SagaID, Action: kind, MerchantID: r.MerchantID, Date: gst.Date(r.Dated), InvoiceID: r.InvoiceID,
	}})
	if err != nil {
		return err
	}
	at := time.UnixMilli(r.CommittedAt).UTC().Format(time.RFC3339)
	event, err := events.New(kind, r.SagaID, r.MerchantID, at, nil)
	if err != nil {
		return err
	}
	return outbox{f, "publish"}.Send(ctx, r.MerchantID, events.PublishRequest{Event: event})
}

// publish puts the event on the bus, whose rule sends that of an issued invoice to the inventory's
// queue, and completes the saga.
func (f *fixture) publish(ctx context.Context, e events.Event) error {
	if e.Type == events.InvoiceCreated {
		if err := (outbox{f, "inventory"}).Send(ctx, e.MerchantID, e); err != nil {
			return err
		}
	}
	f.mu.Lock()
	f.events[e.ID] = true
	f.mu.Unlock()
	return f.sagas.Complete(ctx, e.SagaID)
}

// compensate runs an execution of a state machine. A task that fails is not retried, and
// the others still run.
func (f *fixture) compensate(ctx context.Context, e execution) error {
	var done []saga.StepAttempt
	for _, task := range []struct {
		key, name string
		do        func() error
	}{
		{step.DeleteKey, step.Delete, func() error { return f.deleteInvoice(ctx, e.input.SagaID) }},
		{step.ReleaseKey, step.Release, func() error { return f.release(ctx, e.input) }},
		{step.ReturnKey, step.Return, func() error { return f.returnStock(ctx, e.input) }},
		{step.VoidKey, step.Void, func() error { return f.voidNumber(ctx, e.input) }},
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
	r, err := f.sagas.Settle(ctx, e.input.SagaID, e.input.Redrive, done)
	if errors.Is(err, saga.ErrLost) {
		return nil
	}
	if err == nil && r.Cancels && r.State == saga.Committed {
		err = outbox{f, "audit"}.Send(ctx, r.MerchantID, events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID})
	}
	return err
}

// returnStock invokes return-stock.
func (f *fixture) returnStock(ctx context.Context, in saga.Input) error {
	_, err := inject(ctx, func(ctx context.Context) (*struct{}, error) {
		inv, err := f.invoices.Load(ctx, in.InvoiceID)
		if err != nil {
			return nil, err
		}
		back := inventory.Reservation{SagaID: in.SagaID, MerchantID: in.MerchantID, Lines: inv.StockLines()}
		_, err = f.stock.Return(ctx, back, inv.SagaID)
		return nil, err
	})
	return err
}

func (f *fixture) voidNumber(ctx context.Context, in saga.Input) error {
	check, err := f.sagas.CancellingCheck(in.SagaID)
	if err != nil {
		return err
	}
	_, err = f.invoices.Cancel(ctx, in.InvoiceID, in.SagaID, check)
	return err
}

func (f *fixture) deleteInvoice(ctx context.Context, sagaID string) error {
	check, err := f.sagas.CompensatingCheck(sagaID)
	if err != nil {
		return err
	}
	_, err = f.invoices.Delete(ctx, sagaID, check)
	return err
}

// release invokes release-inventory.
func (f *fixture) release(ctx context.Context, in saga.Input) error {
	_, err := inject(ctx, func(ctx context.Context) (*struct{}, error) {
		_, err := f.stock.Release(ctx, in.SagaID, in.MerchantID)
		return nil, err
	})
	return err
}

// recover runs recover-sagas.
func (f *fixture) recover(ctx context.Context) error {
	err := f.locks.WithLock(ctx, "recovery", 0, func(ctx context.Context, lead lock.Lease) error {
		fenced := f.sagas.WithFence(lead)
		due, err := fenced.Due(ctx, 50)
		for _, r := range due {
			err = errors.Join(err, f.recoverOne(ctx, fenced, r))
		}
		return err
	})
	if _, held := errors.AsType[*lock.HeldError](err); held {
		return nil
	}
	return err
}

func (f *fixture) recoverOne(ctx context.Context, fenced *saga.Store, r saga.Record) error {
	var err error
	switch r.State {
	case saga.Begun:
		var pending []string
		if r.Reserves && r.Fence > 0 {
			pending = []string{step.Delete, step.Release}
		}
		r, err = fenced.Abandon(ctx, r, pending)
	case saga.Compensating, saga.Cancelling, saga.Stuck:
		r, err = fenced.Redrive(ctx, r)
	case saga.Committed:
		request := events.AuditRequest{SagaID: r.SagaID, MerchantID: r.MerchantID}
		if err := (outbox{f, "audit"}).Send(ctx, r.MerchantID, request); err != nil {
			return err
		}
		return fenced.AuditRetried(ctx, r)
	default:
		return fenced.Dismiss(ctx, r)
	}
	if errors.Is(err, saga.ErrLost) || errors.Is(err, saga.ErrCommitted) {
		return nil
	}
	if err != nil || r.State != saga.Compensating && r.State != saga.Cancelling {
		return err
	}
	return f.compensator.Start(ctx, r)
}

// takeMessage removes and returns the nth waiting message.
func (f *fixture) takeMessage(n int) message {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.messages[n]
	f.messages = slices.Delete(f.messages, n, n+1)
	return m
}

// send appends a message to the waiting ones.
func (f *fixture) send(m message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages = append(f.messages, m)
}

func (f *fixture) takeExecution(n int) execution {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.pending[n]
	f.pending = slices.Delete(f.pending, n, n+1)
	return e
}
