// Package issuance issues invoices: Issuer runs the saga's forward path, from the claim
// of the idempotency key to the commit.
package issuance

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
)

// accepted is the body of a 202.
type accepted struct {
	SagaID    string `json:"saga_id"`
	StatusURL string `json:"status_url"`
}

// Accept opens the saga of a request and hands it to the queue, whose consumer
// issues it. body is the request as it came. The answer is a 202, or the invoice's
// own where it was issued before. A request that was accepted before is handed on
// again: the first message may never have been sent.
func (i *Issuer) Accept(ctx context.Context, key idempotency.Key, req gst.Request, body []byte) (Result, error) {
	if _, err := i.assess(ctx, req); err != nil {
		return Result{}, err
	}
	opening := saga.BeginInput{MerchantID: req.SellerMerchantID, Reserves: len(req.StockLines()) > 0}
	opened, err := i.Sagas.Accept(ctx, key, idempotency.Fingerprint(req.Canonical()), opening)
	recordClaim(ctx, opened, err)
	if err != nil {
		return Result{}, unavailable("the request could not be accepted", "", err)
	}
	telemetry.Saga(ctx, opened.Saga.SagaID, req.SellerMerchantID)
	switch opened.Status {
	case idempotency.Acquired, idempotency.InProgress:
		return i.handOff(ctx, key, opened, body)
	case idempotency.Replay:
		return replay(opened.Saga)
	case idempotency.Mismatch:
		return Result{}, mismatch(opened.Saga)
	default:
		return Result{}, compensating(opened)
	}
}

func (i *Issuer) handOff(ctx context.Context, key idempotency.Key, o saga.BeginResult, body []byte) (Result, error) {
	id := o.Saga.SagaID
	err := i.HandOff.Send(ctx, events.InvoiceRequest{IdempotencyKey: key.ID, Invoice: body})
	if err != nil {
		i.Log.WarnContext(ctx, "hand-off failed", slog.String(telemetry.SagaID, id), slog.String("error", err.Error()))
		return Result{}, unavailable("the request could not be queued", id, err)
	}
	answer, err := json.Marshal(accepted{SagaID: id, StatusURL: "/sagas/" + id})
	return Result{Status: http.StatusAccepted, Body: answer, SagaID: id}, err
}
