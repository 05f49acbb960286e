package main

import (
	"context"
	"encoding/hex"
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
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/problem"
)

// batch holds the sagas and the administrative acts of a batch of messages.
type batch struct {
	handler

	mu       sync.Mutex
	loaded   map[string]error // by saga
	records  map[string]saga.Record
	entries  []audit.Entry
	appended error
	began    time.Time
}

// load reads the sagas concurrently. Their records are the source of truth; the messages
// only name them. An act is in its message.
func (b *batch) load(ctx context.Context, e lambdaevents.SQSEvent) {
	b.began = b.now()
	var wg sync.WaitGroup
	for _, m := range e.Records {
		req, err := decode(m)
		if err != nil {
			continue
		}
		if req.Act != nil {
			b.add(entryOf(*req.Act))
			continue
		}
		wg.Go(func() { b.loadSaga(ctx, req.SagaID) })
	}
	wg.Wait()
}

func (b *batch) loadSaga(ctx context.Context, id string) {
	r, err := b.sagas.Load(ctx, id)
	if b.remember(id, r, err) && err == nil && r.State == saga.Committed {
		b.add(newEntry(r))
	}
}

// remember keeps what was read of a saga; false if another message of the batch named it too.
func (b *batch) remember(id string, r saga.Record, err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, twice := b.loaded[id]; twice {
		return false
	}
	b.loaded[id], b.records[id] = err, r
	return true
}

func (b *batch) add(e audit.Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, e)
}

func newEntry(r saga.Record) audit.Entry {
	date := gst.Date(r.Dated)
	if date == "" { // as earlier versions left it
		date = gst.DayInIndia(time.UnixMilli(r.CommittedAt))
	}
	return audit.Entry{
		ID: r.SagaID, Action: eventOf(r), MerchantID: r.MerchantID, Date: date,
		InvoiceID: r.InvoiceID, InvoiceNumber: r.Number, DocumentType: r.Document, Total: money.Paise(r.TotalPaise),
		Document: hex.EncodeToString(r.Commitment), Actor: r.Actor, At: r.CommittedAt,
	}
}

func entryOf(a events.Act) audit.Entry {
	return audit.Entry{
		ID: a.ID, Action: a.Action, MerchantID: a.MerchantID, Date: gst.DayInIndia(a.At), Subject: a.Subject,
		Reason: a.Reason, Actor: a.Actor, At: a.At.UnixMilli(),
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

// errInProgress fails a message that came before the commit, so that it is delivered again.
var errInProgress = errors.New("the saga's commit may be under way")

// finish handles one message. A saga whose owner may still commit it is looked at again later. Any
// other that is not committed is not audited: it is being compensated, or is completed, or recovery
// requests its audit again once it is due.
func (b *batch) finish(ctx context.Context, m lambdaevents.SQSMessage) error {
	req, err := decode(m)
	if err != nil {
		return err
	}
	if req.Act != nil {
		return b.finishAct(ctx, *req.Act)
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
	if r.State == saga.Begun && r.LeaseUntil > b.began.UnixMilli() {
		return errInProgress
	}
	if r.State != saga.Committed {
		b.log.InfoContext(
			ctx,
			"nothing to audit",
			slog.String(telemetry.SagaID, r.SagaID),
			slog.String("state", string(r.State)),
		)
		return nil
	}
	ctx, end := telemetry.StepSince(ctx, step.Audit, b.began)
	defer end(saga.OutcomeOf(b.appended))
	if b.appended != nil {
		return b.appended
	}
	b.log.InfoContext(
		ctx,
		"audited",
		slog.String(telemetry.SagaID, r.SagaID),
		slog.String(telemetry.MerchantID, r.MerchantID),
	)
	return b.requestPublish(ctx, r)
}

func (b *batch) finishAct(ctx context.Context, a events.Act) error {
	if b.appended == nil {
		b.log.InfoContext(ctx, "act audited", slog.String("action", a.Action), slog.String("act_id", a.ID))
	}
	return b.appended
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
