package main

import (
	"context"
	"net/http"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

func (h handler) merchant(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	m, err := h.merchants.Get(ctx, r.Params["id"])
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, m)
}

func (h handler) putMerchant(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	m, err := merchant.ParseProfile(r.Params["id"], body)
	if err != nil {
		return httpapi.Response{}, err
	}
	if err := h.merchants.Put(ctx, m); err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, m)
}
