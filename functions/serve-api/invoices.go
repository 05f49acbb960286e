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

// Content types of an invoice.
const (
	plain  = "application/json"
	signed = "application/jose" // a compact JWS (RFC 7515, section 9.2.1)
)

// invoice serves one invoice by its id, in any case (RFC 9562): as JSON, or signed.
func (h handler) invoice(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	inv, err := h.invoices.Get(ctx, tenant, strings.ToLower(r.Param("id")))
	if err != nil {
		return httpapi.Response{}, err
	}
	if r.Accepted(plain, signed) == signed {
		return h.signedInvoice(ctx, inv)
	}
	response, err := httpapi.JSON(http.StatusOK, explained{inv, inv.ExplainTax()})
	response.Header = map[string]string{"Vary": "Accept"}
	return response, err
}
