package main

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
)

// Bounds of a page.
const (
	defaultLimit = 20
	maxLimit     = 100
)

var financialYear = regexp.MustCompile(`^[0-9]{4}$`)

// page is the answer of a list.
type page struct {
	Invoices   []gst.Invoice `json:"invoices"`
	NextCursor string        `json:"next_cursor,omitempty"`
}

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

// list pages through a merchant's invoices, or finds the one with a number.
func (h handler) list(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	merchantID, err := merchant.IDFromQuery(r)
	if err != nil {
		return httpapi.Response{}, err
	}
	if r.Query("invoice_number") != "" {
		return h.byNumber(ctx, merchantID, r)
	}
	limit, err := parseLimit(r.Query("limit"))
	if err != nil {
		return httpapi.Response{}, err
	}
	found, next, err := h.invoices.List(ctx, merchantID, r.Query("cursor"), limit)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, page{Invoices: found, NextCursor: next})
}

// byNumber looks a number up; it is unique within a document type and financial year.
func (h handler) byNumber(ctx context.Context, merchantID string, r httpapi.Request) (httpapi.Response, error) {
	scope := invoice.NumberScope{
		MerchantID:    merchantID,
		DocumentType:  r.Query("document_type"),
		FinancialYear: r.Query("financial_year"),
	}
	if scope.DocumentType == "" {
		scope.DocumentType = gst.TypeInvoice
	}
	types := gst.DocumentTypes()
	if !slices.Contains(types, scope.DocumentType) {
		return httpapi.Response{}, httpapi.InvalidQuery("document_type", "must be one of "+strings.Join(types, ", "))
	}
	if !financialYear.MatchString(scope.FinancialYear) {
		return httpapi.Response{}, httpapi.InvalidQuery("financial_year",
			"is required to look up a number: four digits such as 2526")
	}
	inv, err := h.invoices.ByNumber(ctx, scope, r.Query("invoice_number"))
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, page{Invoices: []gst.Invoice{inv}})
}

func parseLimit(s string) (int, error) {
	if s == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLimit {
		return 0, httpapi.InvalidQuery("limit", "must be 1 to 100")
	}
	return n, nil
}
