package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/httpapi"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/queue"
	"github.com/invochain/invochain/shared/saga/step"
	"github.com/invochain/invochain/shared/telemetry"
)

type store interface {
	Reserve(ctx context.Context, sagaID, merchantID string, lines []domain.StockLine) error
	Confirm(ctx context.Context, sagaID string) error
	SetOnHand(ctx context.Context, merchantID, sku string, onHand domain.Quantity) (inventory.Level, error)
	Get(ctx context.Context, merchantID, sku string) (inventory.Level, error)
}

type handler struct {
	store    store
	consumer queue.Consumer
	now      func() time.Time
	log      *slog.Logger
}

// handle tells by its shape where an event comes from: API Gateway, the queue of
// invoiced reservations, or a saga.
func (h handler) handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var shape struct {
		HTTPMethod string            `json:"httpMethod"`
		Records    []json.RawMessage `json:"Records"`
	}
	if err := json.Unmarshal(raw, &shape); err != nil {
		return nil, step.Failure(fmt.Errorf("read the event: %w", err))
	}
	switch {
	case shape.HTTPMethod != "":
		var e lambdaevents.APIGatewayProxyRequest
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		return h.router().Serve(ctx, e)
	case shape.Records != nil:
		var e lambdaevents.SQSEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		return h.consumer.Handle(ctx, e, h.confirm), nil
	default:
		return h.reserve(ctx, raw)
	}
}

// reserve answers a refusal as a result: only what leaves the stock in doubt is
// an error.
func (h handler) reserve(ctx context.Context, raw json.RawMessage) (any, error) {
	var in events.Reserve
	var lines []domain.StockLine
	if err := errors.Join(json.Unmarshal(raw, &in), json.Unmarshal(in.Lines, &lines)); err != nil {
		return nil, step.Failure(fmt.Errorf("read the reservation: %w", err))
	}
	err := h.store.Reserve(ctx, in.SagaID, in.MerchantID, lines)
	var refusal *domain.Error
	switch {
	case err == nil:
		return events.Reply{Outcome: events.Reserved}, nil
	case errors.As(err, &refusal):
		h.log.InfoContext(ctx, "reservation refused", slog.String(telemetry.SagaID, in.SagaID), slog.String("code", refusal.Code))
		told, err := json.Marshal(refusal)
		return events.Reply{Outcome: events.Refused, Refusal: told}, err
	default:
		h.log.ErrorContext(ctx, "reservation failed", slog.String(telemetry.SagaID, in.SagaID), slog.String("error", err.Error()))
		return nil, step.Failure(err)
	}
}

// confirm books the reservation behind an invoice.created event as sold.
func (h handler) confirm(ctx context.Context, m lambdaevents.SQSMessage) error {
	var envelope struct {
		Detail events.Event `json:"detail"`
	}
	if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil || envelope.Detail.SagaID == "" {
		return queue.Poison("malformed_event", errors.New("the message is no event of a saga"))
	}
	err := h.store.Confirm(ctx, envelope.Detail.SagaID)
	var known *domain.Error
	if errors.As(err, &known) {
		return queue.Poison(known.Code, err)
	}
	return err
}

func (h handler) router() httpapi.Router {
	return httpapi.Router{Now: h.now, Log: h.log, Routes: []httpapi.Route{
		{Method: http.MethodPut, Pattern: "/inventory/{sku}", Handle: h.put},
		{Method: http.MethodGet, Pattern: "/inventory/{sku}", Handle: h.get},
	}}
}

func (h handler) put(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	stock, err := domain.ParseStock(r.Params["sku"], body)
	if err != nil {
		return httpapi.Response{}, err
	}
	level, err := h.store.SetOnHand(ctx, stock.MerchantID, r.Params["sku"], stock.OnHand)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, level)
}

func (h handler) get(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	merchantID, err := httpapi.MerchantID(r)
	if err != nil {
		return httpapi.Response{}, err
	}
	level, err := h.store.Get(ctx, merchantID, r.Params["sku"])
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, level)
}
