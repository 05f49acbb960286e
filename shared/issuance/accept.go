// Package issuance issues invoices: Issuer runs the saga's forward path, from the claim
// of the idempotency key to the commit.
package issuance

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// accepted is the body of a 202.
type accepted struct {
	SagaID    string `json:"saga_id"`
	StatusURL string `json:"status_url"`
}

func acceptedAs(sagaID string) accepted {
	return accepted{SagaID: sagaID, StatusURL: "/sagas/" + sagaID}
}

// Accept opens the saga of a request and sends the request to the queue, whose consumer
// issues the invoice. body is the request as it came. The result is a 202, or the answer
// of the invoice when it was issued before. A request that was accepted before is sent
// again: the first message may never have left.
func (i *Issuer) Accept(
	ctx context.Context, by Actor, key idempotency.Key, req gst.Request, body []byte,
) (Result, error) {
	if queue.BodySize(body)+envelopeSize > queue.MaxMessage {
		return Result{}, messageTooLarge()
	}
	if _, err := i.prepare(ctx, key, req); err != nil {
		return Result{}, err
	}
	canonical := req.Canonical()
	begun, err := i.Sagas.Accept(ctx, key, idempotency.Fingerprint(canonical), by.begin(req, canonical))
	recordClaim(ctx, begun, err)
	if err != nil {
		return Result{}, unavailable("the request could not be accepted", "", err)
	}
	telemetry.Saga(ctx, begun.Saga.SagaID, req.SellerMerchantID)
	if begun.Status == idempotency.Acquired || begun.Status == idempotency.InProgress {
		return i.handOff(ctx, key, begun, body)
	}
	return i.answerOf(ctx, key, begun)
}

// envelopeSize bounds a message's bytes besides the request: key, field names and attributes.
const envelopeSize = 512

func (i *Issuer) handOff(ctx context.Context, key idempotency.Key, o saga.BeginResult, body []byte) (Result, error) {
	id := o.Saga.RequestID
	err := i.HandOff.Send(ctx, key.Scope, events.InvoiceRequest{IdempotencyKey: key.ID, Invoice: body})
	if err != nil {
		i.Log.WarnContext(ctx, "hand-off failed", slog.String(telemetry.SagaID, id), slog.String("error", err.Error()))
		return Result{}, unavailable("the request could not be queued", id, err)
	}
	answer, err := strictjson.Marshal(acceptedAs(id))
	return Result{Status: http.StatusAccepted, Body: answer, SagaID: id}, err
}
