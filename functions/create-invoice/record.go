package main

import (
	"context"
	"errors"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// issue issues an invoice and records what came of it, by the door that it came through.
func (h handler) issue(ctx context.Context, door string, key idempotency.Key, req gst.Request) (issuance.Result, error) {
	began := h.now()
	answer, err := h.issuer.Issue(ctx, key, req)
	outcome := outcomeOf(answer, err)
	telemetry.Observe(ctx, metric.InvoiceDuration, h.now().Sub(began), door, outcome)
	if outcome == "created" {
		telemetry.Add(ctx, metric.InvoiceCreated, 1, door)
		telemetry.Add(ctx, metric.InvoiceAmount, int64(answer.Total), answer.Document)
	}
	return answer, err
}

// outcomeOf tells a refusal, which is the caller's to mend, from a failure of ours.
func outcomeOf(a issuance.Result, err error) string {
	var known *problem.Error
	switch {
	case err == nil && a.Replayed:
		return "replayed"
	case err == nil:
		return "created"
	case errors.As(err, &known) && known.Kind != problem.Unavailable && known.Kind != problem.Internal:
		return "refused"
	default:
		return "failed"
	}
}
