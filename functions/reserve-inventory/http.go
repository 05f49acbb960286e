package main

import (
	"context"
	"net/http"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/merchant"
)

func (h handler) router() httpapi.Router {
	return httpapi.Router{Now: h.now, Log: h.log, Routes: []httpapi.Route{
		{Method: http.MethodGet, Pattern: "/inventory", Query: []string{"merchant_id", "cursor", "limit"}, Handle: h.list},
		{Method: http.MethodPut, Pattern: "/inventory/{sku}", Handle: h.put},
		{Method: http.MethodGet, Pattern: "/inventory/{sku}", Query: []string{"merchant_id"}, Handle: h.get},
	}}
}

func (h handler) put(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	stock, err := inventory.ParseStock(r.Params["sku"], body)
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
	merchantID, err := merchant.IDFromQuery(r)
	if err != nil {
		return httpapi.Response{}, err
	}
	level, err := h.store.Get(ctx, merchantID, r.Params["sku"])
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, level)
}
