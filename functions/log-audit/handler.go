package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

type (
	sagas interface {
		Load(ctx context.Context, sagaID string) (saga.Record, error)
	}
	auditLog interface {
		Append(ctx context.Context, merchantID string, entries []audit.Entry) error
	}
	outbox interface {
		Send(ctx context.Context, m any) error
	}
)

type handler struct {
	sagas    sagas
	audit    auditLog
	publish  outbox
	consumer queue.Consumer
	now      func() time.Time
	log      *slog.Logger
}

// handle audits a batch. The sagas of one merchant are appended together, since
// they go on one chain; a merchant whose append fails fails alone.
func (h handler) handle(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	b := &batch{handler: h, committed: map[string][]saga.Record{}}
	b.load(ctx, e)
	b.append(ctx)
	h.consumer.OnExhausted = h.stepFailed
	return h.consumer.Handle(ctx, e, b.finish), nil
}

// batch is what is known of the sagas that a batch of messages names.
type batch struct {
	handler

	mu        sync.Mutex
	committed map[string][]saga.Record // by merchant
	loaded    map[string]error         // by saga
	appended  map[string]error         // by merchant
	records   map[string]saga.Record
	began     time.Time
}

func nudge(m lambdaevents.SQSMessage) (events.AuditRequest, error) {
	var n events.AuditRequest
	if err := json.Unmarshal([]byte(m.Body), &n); err != nil || n.SagaID == "" {
		return n, queue.Permanent("malformed_nudge", errors.New("the message names no saga"))
	}
	return n, nil
}

// load reads the sagas side by side: their records are the truth, the messages
// only point at them.
func (b *batch) load(ctx context.Context, e lambdaevents.SQSEvent) {
	b.began = b.now()
	b.loaded, b.records = map[string]error{}, map[string]saga.Record{}
	var wg sync.WaitGroup
	for _, m := range e.Records {
		n, err := nudge(m)
		if err != nil {
			continue
		}
		wg.Go(func() {
			r, err := b.sagas.Load(ctx, n.SagaID)
			b.mu.Lock()
			defer b.mu.Unlock()
			if _, twice := b.loaded[n.SagaID]; twice {
				return
			}
			b.loaded[n.SagaID], b.records[n.SagaID] = err, r
			if err == nil && r.State == saga.Committed {
				b.committed[r.MerchantID] = append(b.committed[r.MerchantID], r)
			}
		})
	}
	wg.Wait()
}

// append writes the merchants' chains side by side: none waits for another's.
func (b *batch) append(ctx context.Context) {
	b.appended = map[string]error{}
	var wg sync.WaitGroup
	for merchantID, records := range b.committed {
		entries := make([]audit.Entry, 0, len(records))
		for _, r := range records {
			entries = append(entries, entry(r))
		}
		wg.Go(func() {
			err := b.audit.Append(ctx, merchantID, entries)
			b.mu.Lock()
			defer b.mu.Unlock()
			b.appended[merchantID] = err
		})
	}
	wg.Wait()
}

func entry(r saga.Record) audit.Entry {
	return audit.Entry{
		MerchantID: r.MerchantID, SagaID: r.SagaID, Action: events.InvoiceCreated,
		InvoiceID: r.InvoiceID, InvoiceNumber: r.Number, DocumentType: r.Document,
		Total: money.Paise(r.TotalPaise), Fingerprint: r.Fingerprint, CommittedAt: r.CommittedAt,
	}
}

// finish answers for one message. A saga that is not committed is not audited: it
// is being undone, or done already, or recovery will nudge it when it is due.
func (b *batch) finish(ctx context.Context, m lambdaevents.SQSMessage) error {
	n, err := nudge(m)
	if err != nil {
		return err
	}
	telemetry.Saga(ctx, n.SagaID, n.MerchantID)
	var known *problem.Error
	switch err := b.loaded[n.SagaID]; {
	case errors.As(err, &known) && known.Kind == problem.NotFound:
		return queue.Permanent(known.Code, err)
	case err != nil:
		return err
	}
	r := b.records[n.SagaID]
	if r.State != saga.Committed {
		b.log.InfoContext(ctx, "nothing to audit", slog.String(telemetry.SagaID, r.SagaID), slog.String("state", string(r.State)))
		return nil
	}
	err = b.appended[r.MerchantID]
	ctx, end := telemetry.StepSince(ctx, step.Audit, b.began)
	defer end(saga.OutcomeOf(err))
	if err != nil {
		return err
	}
	b.log.InfoContext(ctx, "audited", slog.String(telemetry.SagaID, r.SagaID), slog.String(telemetry.MerchantID, r.MerchantID))
	return b.handOn(ctx, r)
}

func (b *batch) handOn(ctx context.Context, r saga.Record) error {
	at := time.UnixMilli(r.CommittedAt).UTC().Format(time.RFC3339)
	event, err := events.New(events.InvoiceCreated, r.SagaID, r.MerchantID, at, events.Created{
		InvoiceID: r.InvoiceID, InvoiceNumber: r.Number, DocumentType: r.Document,
		InvoiceDate: r.Dated, Total: money.Paise(r.TotalPaise), Currency: "INR",
	})
	if err != nil {
		return err
	}
	event.TraceParent = telemetry.TraceParent(ctx)
	return b.publish.Send(ctx, events.PublishRequest{
		Event: event, AuditedAt: b.began.UnixMilli(), AuditMS: b.now().Sub(b.began).Milliseconds(),
	})
}

// stepFailed tells the world of a saga whose audit was given up, which recovery
// and an operator's redrive still try.
func (h handler) stepFailed(ctx context.Context, m lambdaevents.SQSMessage, _ error) {
	n, err := nudge(m)
	if err != nil {
		return
	}
	event, err := events.New(events.SagaStepFailed, n.SagaID, n.MerchantID, h.now().UTC().Format(time.RFC3339),
		events.SagaFailed{Reason: "retries_exhausted", Step: step.Audit})
	if err == nil {
		err = h.publish.Send(ctx, events.PublishRequest{Event: event})
	}
	if err != nil {
		h.log.ErrorContext(ctx, "step failure not announced", slog.String(telemetry.SagaID, n.SagaID), slog.String("error", err.Error()))
	}
}
