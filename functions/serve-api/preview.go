package main

import (
	"context"
	"net/http"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
)

// preview judges and computes the body of a POST /invoices, and stores nothing. It needs the scope
// that reads invoices, not the one that issues them: an accountant sees the findings before a clerk
// issues the invoice.
func (h handler) preview(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	req, err := gst.ParseRequest(body)
	if err != nil {
		return httpapi.Response{}, err
	}
	tenant, err := caller.TenantOf(ctx, req.SellerMerchantID)
	if err != nil {
		return httpapi.Response{}, err
	}
	profile, err := h.merchants.Get(ctx, tenant.MerchantID())
	if err != nil {
		return httpapi.Response{}, err
	}
	p, err := gst.PreviewOf(req, profile.Seller(), gst.DayInIndia(h.now()))
	if err != nil {
		return httpapi.Response{}, err
	}
	if err := invoice.CheckSize(p.Draft); err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, p)
}
