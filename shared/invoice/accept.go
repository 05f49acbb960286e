package invoice

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/saga"
	"github.com/invochain/invochain/shared/telemetry"
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
func (i *Issuer) Accept(ctx context.Context, key idempotency.Key, req domain.Request, body []byte) (Answer, error) {
	if _, err := i.assess(ctx, req); err != nil {
		return Answer{}, err
	}
	opening := saga.Opening{MerchantID: req.SellerMerchantID, Reserves: len(req.StockLines()) > 0}
	opened, err := i.Sagas.Accept(ctx, key, idempotency.Fingerprint(req.Canonical()), opening)
	recordClaim(ctx, opened, err)
	if err != nil {
		return Answer{}, unavailable("the request could not be accepted", "", err)
	}
	telemetry.Saga(ctx, opened.Saga.SagaID, req.SellerMerchantID)
	switch opened.Verdict {
	case idempotency.Won, idempotency.Busy:
		return i.handOff(ctx, key, opened, body)
	case idempotency.Replay:
		return replay(opened.Saga)
	case idempotency.Mismatch:
		return Answer{}, mismatch(opened.Saga)
	default:
		return Answer{}, undoing(opened)
	}
}

func (i *Issuer) handOff(ctx context.Context, key idempotency.Key, o saga.Opened, body []byte) (Answer, error) {
	id := o.Saga.SagaID
	err := i.HandOff.Send(ctx, events.InvoiceRequest{IdempotencyKey: key.ID, Invoice: body})
	if err != nil {
		i.Log.WarnContext(ctx, "hand-off failed", slog.String(telemetry.SagaID, id), slog.String("error", err.Error()))
		return Answer{}, unavailable("the request could not be queued", id, err)
	}
	answer, err := json.Marshal(accepted{SagaID: id, StatusURL: "/sagas/" + id})
	return Answer{Status: http.StatusAccepted, Body: answer, SagaID: id}, err
}
