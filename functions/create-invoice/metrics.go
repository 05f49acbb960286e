package main

import (
	"context"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// issue issues an invoice and records the outcome under the door that the request came
// through: http or queue.
func (h handler) issue(
	ctx context.Context,
	door string,
	by issuance.Actor,
	key idempotency.Key,
	req gst.Request,
) (issuance.Result, error) {
	began := h.now()
	result, err := h.issuer.Issue(ctx, by, key, req)
	outcome := outcomeOf(result, err)
	telemetry.Observe(ctx, metric.InvoiceDuration, h.now().Sub(began), door, outcome)
	if outcome == "created" {
		telemetry.Add(ctx, metric.InvoiceCreated, 1, door)
		telemetry.Add(ctx, metric.InvoiceAmount, int64(result.Total), result.Document)
	}
	return result, err
}

// outcomeOf separates refusals, which the caller can mend, from faults.
func outcomeOf(r issuance.Result, err error) string {
	switch {
	case err == nil && r.Replayed:
		return "replayed"
	case err == nil:
		return "created"
	case problem.IsCallerFault(err):
		return "refused"
	default:
		return "failed"
	}
}
