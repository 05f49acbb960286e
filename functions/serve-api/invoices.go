package main

import (
	"context"
	"net/http"
	"strconv"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// Bounds of a page.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// page is a list's answer.
type page struct {
	Invoices   []gst.Invoice `json:"invoices"`
	NextCursor string        `json:"next_cursor,omitempty"`
}

// foreign tells whether a request names another merchant than owner: to that one,
// the thing does not exist.
func foreign(r httpapi.Request, owner string) bool {
	asks := r.Query("merchant_id")
	return asks != "" && asks != owner
}

// invoice by id.
func (h handler) invoice(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	inv, err := h.invoices.Get(ctx, r.Params["id"])
	if err == nil && foreign(r, inv.SellerMerchantID) {
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
	limit, err := limitOf(r.Query("limit"))
	if err != nil {
		return httpapi.Response{}, err
	}
	found, next, err := h.invoices.List(ctx, merchantID, r.Query("cursor"), limit)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, page{Invoices: found, NextCursor: next})
}

// byNumber needs the rest of a number's range too.
func (h handler) byNumber(ctx context.Context, merchantID string, r httpapi.Request) (httpapi.Response, error) {
	in := invoice.NumberScope{MerchantID: merchantID, DocumentType: r.Query("document_type"), FinancialYear: r.Query("financial_year")}
	if in.DocumentType == "" {
		in.DocumentType = gst.TypeInvoice
	}
	if len(in.FinancialYear) != 4 {
		return httpapi.Response{}, badQuery("financial_year", "a number is looked up within a financial year, such as 2526")
	}
	inv, err := h.invoices.ByNumber(ctx, in, r.Query("invoice_number"))
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, page{Invoices: []gst.Invoice{inv}})
}

func limitOf(s string) (int, error) {
	if s == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLimit {
		return 0, badQuery("limit", "must be 1 to 100")
	}
	return n, nil
}

func badQuery(field, message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "invalid_query", Message: message,
		Fields: []problem.FieldError{{Field: field, Code: "invalid_query", Message: message}},
	}
}
