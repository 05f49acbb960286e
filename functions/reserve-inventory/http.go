package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/inventory"
)

const idempotencyKey = "Idempotency-Key"

func (h handler) router() httpapi.Router {
	scoped, paged := []string{"merchant_id"}, []string{"merchant_id", "cursor", "limit"}
	const one = "/inventory/{sku}"
	return httpapi.Router{Now: h.now, Log: h.log, Guard: h.guard, Routes: []httpapi.Route{
		{Method: http.MethodGet, Pattern: "/inventory", Scope: caller.StockRead, Query: paged, Handle: h.list},
		{Method: http.MethodPut, Pattern: one, Scope: caller.StockWrite, Handle: h.put},
		{Method: http.MethodGet, Pattern: one, Scope: caller.StockRead, Query: scoped, Handle: h.get},
		{Method: http.MethodPost, Pattern: one + "/movements", Scope: caller.StockWrite, Handle: h.postMovement},
	}}
}

// put records a count. With an Idempotency-Key its repetition changes nothing; with If-Match it
// is written only if the stock is as it was read.
func (h handler) put(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	count, err := inventory.ParseCount(r.Param("sku"), body)
	if err != nil {
		return httpapi.Response{}, err
	}
	if _, err := caller.TenantOf(ctx, count.MerchantID); err != nil {
		return httpapi.Response{}, err
	}
	if header := r.Header(idempotencyKey); header != "" {
		key, err := idempotency.ParseKey(count.MerchantID, header)
		if err != nil {
			return httpapi.Response{}, err
		}
		count.Key = key.Hash()
	}
	if count.IfMatch, err = inventory.ParseIfMatch(r.Header("If-Match")); err != nil {
		return httpapi.Response{}, err
	}
	if _, err := h.merchants.Get(ctx, count.MerchantID); err != nil {
		return httpapi.Response{}, err
	}
	level, err := h.store.Count(ctx, count)
	return respond(level, err)
}

// postMovement changes what is on hand by a quantity. The log line has no reason, which is free
// text: the stock item keeps it.
func (h handler) postMovement(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	movement, err := inventory.ParseMovement(r.Param("sku"), body)
	if err != nil {
		return httpapi.Response{}, err
	}
	if _, err := caller.TenantOf(ctx, movement.MerchantID); err != nil {
		return httpapi.Response{}, err
	}
	key, err := idempotency.ParseKey(movement.MerchantID, r.Header(idempotencyKey))
	if err != nil {
		return httpapi.Response{}, err
	}
	movement.Key = key.Hash()
	if _, err := h.merchants.Get(ctx, movement.MerchantID); err != nil {
		return httpapi.Response{}, err
	}
	level, err := h.store.Move(ctx, movement)
	if err == nil && !level.Replayed {
		h.log.InfoContext(ctx, "stock moved", slog.String("merchant_id", level.MerchantID), slog.String("sku", level.SKU),
			slog.String("delta", movement.Delta.String()), slog.Int64("version", level.Version))
	}
	return respond(level, err)
}

func (h handler) get(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	known := make(chan error, 1)
	go func() {
		_, err := h.merchants.Get(ctx, tenant.MerchantID())
		known <- err
	}()
	level, err := h.store.Get(ctx, tenant, r.Param("sku"))
	if missing := <-known; missing != nil {
		return httpapi.Response{}, missing
	}
	return respond(level, err)
}

// respond returns a level with its ETag.
func respond(level inventory.Level, err error) (httpapi.Response, error) {
	if err != nil {
		return httpapi.Response{}, err
	}
	response, err := httpapi.JSON(http.StatusOK, level)
	response.Header = map[string]string{"ETag": level.ETag()}
	if level.Replayed {
		response.Header["X-Idempotent-Replayed"] = "true"
	}
	return response, err
}
