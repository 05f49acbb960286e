package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
)

type (
	sagas interface {
		Complete(ctx context.Context, sagaID string, steps ...saga.StepAttempt) error
	}
	putter interface {
		PutEvents(
			context.Context,
			*eventbridge.PutEventsInput,
			...func(*eventbridge.Options),
		) (*eventbridge.PutEventsOutput, error)
	}
)

type handler struct {
	sagas    sagas
	bus      string
	client   putter
	consumer queue.Consumer
	now      func() time.Time
	log      *slog.Logger
}

// errNoAnswer means that a response does not name an event, so that nothing says that the bus has it.
var errNoAnswer = errors.New("put events: the bus did not say whether it has the event")

const (
	maxEvents = 10 // EventBridge's limit for one call
	maxCalls  = 5  // that are made concurrently
)

// handle publishes a batch with as few calls as possible. EventBridge reports each event
// by itself, and so does this function.
func (h handler) handle(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	began := h.now()
	failed := h.put(ctx, e)
	h.consumer.OnExhausted = h.sendStepFailed
	return h.consumer.Handle(ctx, e, func(ctx context.Context, m lambdaevents.SQSMessage) error {
		p, err := decode(m)
		if err != nil {
			return err
		}
		telemetry.Saga(ctx, p.Event.SagaID, p.Event.MerchantID)
		return h.finish(ctx, p, failed[m.MessageId], began)
	}), nil
}

func decode(m lambdaevents.SQSMessage) (events.PublishRequest, error) {
	var p events.PublishRequest
	if err := json.Unmarshal([]byte(m.Body), &p); err != nil || p.Event.ID == "" {
		return p, queue.Permanent("malformed_event", errors.New("the message does not hold an event"))
	}
	return p, nil
}

// put sends the batch's events and returns the errors of those that were not accepted, by
// message id.
func (h handler) put(ctx context.Context, e lambdaevents.SQSEvent) map[string]error {
	var ids []string
	var entries []types.PutEventsRequestEntry
	for _, m := range e.Records {
		p, err := decode(m)
		if err != nil {
			continue
		}
		detail, err := json.Marshal(p.Event)
		if err != nil {
			continue
		}
		ids = append(ids, m.MessageId)
		entries = append(entries, h.entry(p.Event.Type, string(detail)))
	}
	calls := slices.Collect(slices.Chunk(entries, maxEvents))
	results := make([][]error, len(calls))
	batch.Each(len(calls), maxCalls, func(i int) { results[i] = h.putAll(ctx, calls[i]) })
	failed := map[string]error{}
	for i, err := range slices.Concat(results...) {
		if err != nil {
			failed[ids[i]] = err
		}
	}
	return failed
}

// putAll sends up to maxEvents events and returns the error of each.
func (h handler) putAll(ctx context.Context, entries []types.PutEventsRequestEntry) []error {
	errs := make([]error, len(entries))
	out, err := h.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	for i := range errs {
		switch {
		case err != nil:
			errs[i] = fmt.Errorf("put events: %w", err)
		case i >= len(out.Entries):
			errs[i] = errNoAnswer
		case out.Entries[i].ErrorCode != nil:
			errs[i] = fmt.Errorf("put events: %w", refusal(out.Entries[i]))
		}
	}
	return errs
}

// refusal returns the error of an event that the bus refused alone. An internal
// failure is the bus's fault.
func refusal(e types.PutEventsResultEntry) error {
	code := aws.ToString(e.ErrorCode)
	fault := smithy.FaultClient
	if strings.HasPrefix(code, "Internal") {
		fault = smithy.FaultServer
	}
	return &smithy.GenericAPIError{Code: code, Message: aws.ToString(e.ErrorMessage), Fault: fault}
}

func (h handler) entry(kind, detail string) types.PutEventsRequestEntry {
	return types.PutEventsRequestEntry{
		EventBusName: &h.bus, Source: aws.String(events.Source), DetailType: &kind, Detail: &detail,
	}
}

// finish handles one message. err is the result of sending its event.
func (h handler) finish(ctx context.Context, p events.PublishRequest, err error, began time.Time) error {
	if completes(p.Event) {
		var end func(string)
		ctx, end = telemetry.StepSince(ctx, step.Publish, began)
		defer end(saga.OutcomeOf(err))
	}
	if err != nil {
		return err
	}
	id := p.Event.SagaID
	h.log.InfoContext(ctx, "published", slog.String(telemetry.SagaID, id), slog.String("type", p.Event.Type))
	if !completes(p.Event) {
		return nil
	}
	return h.complete(ctx, p, began)
}

// completes reports whether an event is the last step of its saga.
func completes(e events.Event) bool {
	return e.Type == events.InvoiceCreated || e.Type == events.InvoiceCancelled
}

// complete ends the saga of an invoice whose issue or cancellation was published.
func (h handler) complete(ctx context.Context, p events.PublishRequest, began time.Time) error {
	audited := saga.StepAttempt{
		Name:       step.Audit,
		Attempt:    1,
		StartedAt:  p.AuditedAt,
		DurationMS: p.AuditMS,
		Outcome:    saga.OK,
	}
	published := saga.StepAttempt{
		Name:       step.Publish,
		Attempt:    1,
		StartedAt:  began.UnixMilli(),
		DurationMS: h.now().Sub(began).Milliseconds(),
		Outcome:    saga.OK,
	}
	err := h.sagas.Complete(ctx, p.Event.SagaID, audited, published)
	if errors.Is(err, saga.ErrLost) {
		return queue.Permanent("saga_not_committed", err)
	}
	return err
}

// sendStepFailed publishes that an event was abandoned. The bus is what failed, so this
// may fail too; the log line and the dead letter remain.
func (h handler) sendStepFailed(ctx context.Context, m lambdaevents.SQSMessage, _ error) {
	p, err := decode(m)
	if err != nil || p.Event.Type == events.SagaStepFailed {
		return
	}
	event, err := events.StepFailed(p.Event.SagaID, p.Event.MerchantID, step.Publish, h.now())
	if err != nil {
		return
	}
	detail, err := json.Marshal(event)
	if err != nil {
		return
	}
	entries := []types.PutEventsRequestEntry{h.entry(event.Type, string(detail))}
	if _, err := h.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries}); err != nil {
		h.log.ErrorContext(ctx, "step failure not published",
			slog.String(telemetry.SagaID, p.Event.SagaID), slog.String("error", err.Error()))
	}
}
