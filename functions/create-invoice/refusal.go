package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// failed decides what becomes of a message that was not issued. A fault, and a refusal that
// advises a retry, is tried again. A refusal for good is told to the sender by an event; it
// is a dead letter only if the message does not identify its sender.
func (h handler) failed(ctx context.Context, m lambdaevents.SQSMessage, in issuance.Message, err error) error {
	refusal, known := errors.AsType[*problem.Error](err)
	if !known || refusal.RetryAfter > 0 || !problem.IsCallerFault(err) {
		next := queue.NextReceive(m, h.now())
		if err := h.requests.Retry(ctx, in.Identity(), codeOf(err), next); err != nil {
			h.log.WarnContext(ctx, "retry not recorded", slog.String("error", err.Error()))
		}
		return err
	}
	if in.Key.Scope == "" {
		return queue.Permanent(refusal.Code, errors.New(reason(refusal)))
	}
	if err := h.requests.RefuseRequest(ctx, in.Identity(), refusal); err != nil {
		return err
	}
	h.log.InfoContext(ctx, "request refused",
		slog.String("code", refusal.Code), slog.String(telemetry.MerchantID, in.Key.Scope))
	return h.sendRefused(ctx, m, in.Key, refusal)
}

// deadLettered records the end of a request whose message failed too often.
func (h handler) deadLettered(ctx context.Context, m lambdaevents.SQSMessage, err error) {
	in, parseErr := issuance.ParseMessage(m.Body)
	if parseErr != nil {
		return
	}
	if err := h.requests.DeadLetter(ctx, in.Identity(), codeOf(err)); err != nil {
		h.log.ErrorContext(ctx, "dead letter not recorded", slog.String("error", err.Error()))
	}
}

// sendRefused queues the event. A message that is delivered again sends it again, with the same
// event id.
func (h handler) sendRefused(
	ctx context.Context, m lambdaevents.SQSMessage, key idempotency.Key, e *problem.Error,
) error {
	data := events.RequestRefused{IdempotencyKey: key.ID, Reason: e.Code, Message: e.Message}
	var err error
	if len(e.Fields) > 0 {
		data.Errors, err = json.Marshal(e.Fields)
	}
	if findings, ok := e.Extensions["findings"].([]gst.Finding); ok && err == nil {
		data.Findings, err = json.Marshal(findings[:min(len(findings), maxFindings)])
	}
	if err != nil {
		return err
	}
	at := h.now().UTC().Format(time.RFC3339)
	event, err := events.NewRefused(m.MessageId, e.SagaID, key.Scope, at, data)
	if err != nil {
		return err
	}
	event.TraceParent = telemetry.TraceParent(ctx)
	return h.publish.Send(ctx, key.Scope, events.PublishRequest{Event: event})
}

// maxFindings bounds the findings of an event, which has at most 256 KB.
const maxFindings = 100

func codeOf(err error) string {
	if known, ok := errors.AsType[*problem.Error](err); ok {
		return known.Code
	}
	return "internal"
}

// reason returns the message of a refusal with every field that it names.
func reason(e *problem.Error) string {
	texts := []string{e.Message}
	for _, f := range e.Fields {
		texts = append(texts, f.Field+": "+f.Message)
	}
	return strings.Join(texts, "; ")
}
