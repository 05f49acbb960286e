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

// reserve answers a saga. A refusal is a result, not an error: an error leaves the
// stock in doubt, and whoever gets one has to compensate. It gives up before the
// saga does, since a reservation that nobody waits for is only in the way.
func (h handler) reserve(ctx context.Context, raw json.RawMessage) (any, error) {
	var r inventory.Reservation
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, function.Failure(fmt.Errorf("read the reservation: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, h.patience)
	defer cancel()
	telemetry.Saga(ctx, r.SagaID, r.MerchantID)
	err := h.store.Reserve(ctx, r)
	var refused *inventory.RefusedError
	switch {
	case err == nil:
		h.log.InfoContext(ctx, "reserved", slog.Int("lines", len(r.Lines)))
		return events.ReserveResult{Outcome: events.Reserved}, nil
	case errors.As(err, &refused):
		h.log.InfoContext(ctx, "reservation refused", slog.String("code", refused.Code), slog.String("sku", refused.SKU))
		told, err := json.Marshal(refused.Unwrap())
		return events.ReserveResult{Outcome: events.Refused, Refusal: told}, err
	default:
		h.log.ErrorContext(ctx, "reservation in doubt", slog.String("error", err.Error()))
		return nil, function.Failure(err)
	}
}

// confirm books the reservation behind an invoice.created event as sold. Books
// that contradict the event go to the dead letter queue at once: no retry mends
// them, a person has to look.
func (h handler) confirm(ctx context.Context, m lambdaevents.SQSMessage) error {
	var envelope struct {
		Detail events.Event `json:"detail"`
	}
	if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil || envelope.Detail.SagaID == "" {
		return queue.Permanent("malformed_event", errors.New("the message is no event of a saga"))
	}
	if kind := envelope.Detail.Type; kind != events.InvoiceCreated {
		return queue.Permanent("unexpected_event", fmt.Errorf("%s is not for this queue", kind))
	}
	telemetry.Saga(ctx, envelope.Detail.SagaID, envelope.Detail.MerchantID)
	err := h.store.Confirm(ctx, envelope.Detail.SagaID)
	var known *problem.Error
	if errors.As(err, &known) && known.Kind == problem.Internal {
		return queue.Permanent(known.Code, err)
	}
	return err
}
