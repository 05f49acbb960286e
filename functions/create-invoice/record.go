package main

import (
	"context"
	"errors"

	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/telemetry"
)

// issue issues an invoice and records what came of it, by the door that it came through.
func (h handler) issue(ctx context.Context, door string, key idempotency.Key, req domain.Request) (invoice.Answer, error) {
	began := h.now()
	answer, err := h.issuer.Issue(ctx, key, req)
	outcome := outcomeOf(answer, err)
	telemetry.Observe(ctx, telemetry.InvoiceDuration, h.now().Sub(began), door, outcome)
	if outcome == "created" {
		telemetry.Add(ctx, telemetry.InvoiceCreated, 1, door)
		telemetry.Add(ctx, telemetry.InvoiceAmount, int64(answer.Total), answer.Document)
	}
	return answer, err
}

// outcomeOf tells a refusal, which is the caller's to mend, from a failure of ours.
func outcomeOf(a invoice.Answer, err error) string {
	var known *domain.Error
	switch {
	case err == nil && a.Replayed:
		return "replayed"
	case err == nil:
		return "created"
	case errors.As(err, &known) && known.Kind != domain.Unavailable && known.Kind != domain.Internal:
		return "refused"
	default:
		return "failed"
	}
}
