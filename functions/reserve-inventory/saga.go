package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// reserve serves a saga. A refusal is a result, not an error: after an error the stock may
// be reserved, and the saga has to compensate. The timeout is shorter than the saga's,
// since a reservation that no caller waits for only blocks stock.
func (h handler) reserve(ctx context.Context, r inventory.Reservation) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	telemetry.Saga(ctx, r.SagaID, r.MerchantID)
	err := h.store.Reserve(ctx, r)
	if err == nil {
		h.log.InfoContext(ctx, "reserved", slog.Int("lines", len(r.Lines)))
		return events.ReserveResult{Outcome: events.Reserved}, nil
	}
	if refused, ok := errors.AsType[*inventory.RefusedError](err); ok {
		h.log.InfoContext(ctx, "reservation refused", slog.String("code", refused.Code), slog.String("sku", refused.SKU))
		refusal, err := json.Marshal(refused.Unwrap())
		return events.ReserveResult{Outcome: events.Refused, Refusal: refusal}, err
	}
	h.log.ErrorContext(ctx, "reservation outcome unknown", slog.String("error", err.Error()))
	return nil, function.Failure(err)
}

// confirm marks the reservation behind an invoice.created event as sold, or as returned, together with those
// of the other messages. A reservation that contradicts the event is dead-lettered at once: no retry resolves that, an
// operator has to look.
func (h handler) confirm(ctx context.Context, m lambdaevents.SQSMessage) error {
	var envelope struct {
		Detail events.Event `json:"detail"`
	}
	if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil || envelope.Detail.SagaID == "" {
		return queue.Permanent("malformed_event", errors.New("the message is not the event of a saga"))
	}
	e := envelope.Detail
	if e.Type != events.InvoiceCreated {
		return queue.Permanent("unexpected_event", fmt.Errorf("this queue takes %s, not %s", events.InvoiceCreated, e.Type))
	}
	telemetry.Saga(ctx, e.SagaID, e.MerchantID)
	_, err := h.confirms.Do(ctx, e.SagaID)
	if known, ok := errors.AsType[*problem.Error](err); ok && known.Kind == problem.Internal {
		return queue.Permanent(known.Code, err)
	}
	return err
}
