package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/invoice"
)

// isForeign reports whether a request names another merchant than the owner. To that
// merchant the record does not exist.
func isForeign(r httpapi.Request, owner string) bool {
	id := r.Query("merchant_id")
	return id != "" && id != owner
}

// invoice serves one invoice by its id, in any case (RFC 9562).
func (h handler) invoice(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	inv, err := h.invoices.Get(ctx, strings.ToLower(r.Params["id"]))
	if err == nil && isForeign(r, inv.SellerMerchantID) {
		err = invoice.NotFound()
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, inv)
}
