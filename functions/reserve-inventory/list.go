package main

import (
	"context"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

// list pages through the stock of a merchant's SKUs.
func (h handler) list(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	merchantID, err := merchant.IDFromQuery(r)
	if err != nil {
		return httpapi.Response{}, err
	}
	limit, err := r.Limit()
	if err != nil {
		return httpapi.Response{}, err
	}
	levels, next, err := h.store.List(ctx, merchantID, r.Query("cursor"), limit)
	if err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	for _, level := range levels {
		page.Add(level)
	}
	return page.JSON("inventory", next)
}
