package main

import (
	"context"
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

// batch holds the sagas of a batch of messages.
type batch struct {
	handler

	mu        sync.Mutex
	committed map[string][]saga.Record // by merchant
	loaded    map[string]error         // by saga
	appended  map[string]error         // by merchant
	records   map[string]saga.Record
	began     time.Time
}

// load reads the sagas concurrently. Their records are the source of truth; the messages
// only name them.
func (b *batch) load(ctx context.Context, e lambdaevents.SQSEvent) {
	b.began = b.now()
	b.loaded, b.records = map[string]error{}, map[string]saga.Record{}
	var wg sync.WaitGroup
	for _, m := range e.Records {
		req, err := decode(m)
		if err != nil {
			continue
		}
		wg.Go(func() {
			r, err := b.sagas.Load(ctx, req.SagaID)
			b.mu.Lock()
			defer b.mu.Unlock()
			if _, twice := b.loaded[req.SagaID]; twice {
				return
			}
			b.loaded[req.SagaID], b.records[req.SagaID] = err, r
			if err == nil && r.State == saga.Committed {
				b.committed[r.MerchantID] = append(b.committed[r.MerchantID], r)
			}
		})
	}
	wg.Wait()
}

// append writes the merchants' chains concurrently.
func (b *batch) append(ctx context.Context) {
	b.appended = map[string]error{}
	var wg sync.WaitGroup
	for merchantID, records := range b.committed {
		entries := make([]audit.Entry, 0, len(records))
		for _, r := range records {
			entries = append(entries, newEntry(r))
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

func newEntry(r saga.Record) audit.Entry {
	return audit.Entry{
		MerchantID: r.MerchantID, SagaID: r.SagaID, Action: eventOf(r),
		InvoiceID: r.InvoiceID, InvoiceNumber: r.Number, DocumentType: r.Document,
		Total: money.Paise(r.TotalPaise), Fingerprint: r.Fingerprint, Actor: r.Actor, CommittedAt: r.CommittedAt,
	}
}

// eventOf returns the type of the event that a committed saga publishes, which is also what its
// entry in the log records.
func eventOf(r saga.Record) string {
	if r.Cancels {
		return events.InvoiceCancelled
	}
	return events.InvoiceCreated
}

// finish handles one message. A saga that is not committed is not audited: it is being
// compensated, or is completed, or recovery requests its audit again once it is due.
func (b *batch) finish(ctx context.Context, m lambdaevents.SQSMessage) error {
	req, err := decode(m)
	if err != nil {
		return err
	}
	telemetry.Saga(ctx, req.SagaID, req.MerchantID)
	err = b.loaded[req.SagaID]
	if known, ok := errors.AsType[*problem.Error](err); ok && known.Kind == problem.NotFound {
		return queue.Permanent(known.Code, err)
	}
	if err != nil {
		return err
	}
	r := b.records[req.SagaID]
	if r.State != saga.Committed {
		b.log.InfoContext(
			ctx,
			"nothing to audit",
			slog.String(telemetry.SagaID, r.SagaID),
			slog.String("state", string(r.State)),
		)
		return nil
	}
	err = b.appended[r.MerchantID]
	ctx, end := telemetry.StepSince(ctx, step.Audit, b.began)
	defer end(saga.OutcomeOf(err))
	if err != nil {
		return err
	}
	b.log.InfoContext(
		ctx,
		"audited",
		slog.String(telemetry.SagaID, r.SagaID),
		slog.String(telemetry.MerchantID, r.MerchantID),
	)
	return b.requestPublish(ctx, r)
}

func (b *batch) requestPublish(ctx context.Context, r saga.Record) error {
	at := time.UnixMilli(r.CommittedAt).UTC().Format(time.RFC3339)
	event, err := events.New(eventOf(r), r.SagaID, r.MerchantID, at, events.Document{
		InvoiceID: r.InvoiceID, InvoiceNumber: r.Number, DocumentType: r.Document,
		InvoiceDate: r.Dated, Total: money.Paise(r.TotalPaise), Currency: "INR",
	})
	if err != nil {
		return err
	}
	event.TraceParent = telemetry.TraceParent(ctx)
	return b.publish.Send(ctx, r.MerchantID, events.PublishRequest{
		Event: event, AuditedAt: b.began.UnixMilli(), AuditMS: b.now().Sub(b.began).Milliseconds(),
	})
}
