package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
)

// explained is an invoice with the rules of its tax, which are not stored.
type explained struct {
	gst.Invoice

	TaxExplanation []gst.LineExplanation `json:"tax_explanation"`
}

// invoice serves one invoice by its id, in any case (RFC 9562).
func (h handler) invoice(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	inv, err := h.invoices.Get(ctx, tenant, strings.ToLower(r.Param("id")))
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, explained{inv, inv.ExplainTax()})
}
