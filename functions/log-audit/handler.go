package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
)

type (
	sagas interface {
		Load(ctx context.Context, sagaID string) (saga.Record, error)
	}
	auditLog interface {
		Append(ctx context.Context, entries []audit.Entry) error
	}
	producer interface {
		Send(ctx context.Context, merchantID string, m any) error
	}
)

type handler struct {
	sagas    sagas
	audit    auditLog
	publish  producer
	consumer queue.Consumer
	now      func() time.Time
	log      *slog.Logger
}

// handle audits a batch. Its entries are appended together; a failed append fails their messages.
func (h handler) handle(ctx context.Context, e lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error) {
	b := &batch{handler: h, loaded: map[string]error{}, records: map[string]saga.Record{}}
	b.load(ctx, e)
	b.appended = h.audit.Append(ctx, b.entries)
	h.consumer.OnExhausted = h.sendStepFailed
	return h.consumer.Handle(ctx, e, b.finish), nil
}

// sendStepFailed publishes that the audit of a saga was abandoned. Recovery and an
// operator's redrive still try it.
func (h handler) sendStepFailed(ctx context.Context, m lambdaevents.SQSMessage, _ error) {
	req, err := decode(m)
	if err != nil || req.Act != nil {
		return
	}
	event, err := events.StepFailed(req.SagaID, req.MerchantID, step.Audit, h.now())
	if err == nil {
		err = h.publish.Send(ctx, req.MerchantID, events.PublishRequest{Event: event})
	}
	if err != nil {
		h.log.ErrorContext(ctx, "step failure not published",
			slog.String(telemetry.SagaID, req.SagaID), slog.String("error", err.Error()))
	}
}

func decode(m lambdaevents.SQSMessage) (events.AuditRequest, error) {
	var req events.AuditRequest
	err := json.Unmarshal([]byte(m.Body), &req)
	if err == nil && req.Act != nil {
		err = entryOf(*req.Act).Check()
	} else if err == nil && req.SagaID == "" {
		err = errors.New("the message names neither a saga nor an act")
	}
	if err != nil {
		return req, queue.Permanent("malformed_audit_request", err)
	}
	return req, nil
}
