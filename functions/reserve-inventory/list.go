package main

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
)

// list pages through the stock of a merchant's SKUs.
func (h handler) list(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	limit, err := r.Limit()
	if err != nil {
		return httpapi.Response{}, err
	}
	levels, next, err := h.store.List(ctx, tenant, r.Query("cursor"), limit)
	if err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	for _, level := range levels {
		page.Add(level)
	}
	return page.JSON("inventory", next)
}
