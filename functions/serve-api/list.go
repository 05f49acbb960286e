package main

import (
	"cmp"
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
)

// list pages through a merchant's invoices, or finds the one with a number.
func (h handler) list(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	q := invoice.Query{Tenant: tenant, Cursor: r.Query("cursor")}
	if q.Filter, err = parseFilter(r); err != nil {
		return httpapi.Response{}, err
	}
	expand, err := oneOf(r, "expand", "document")
	if err != nil {
		return httpapi.Response{}, err
	}
	if r.Query("invoice_number") != "" {
		return h.byNumber(ctx, q, r)
	}
	if q.Limit, err = r.Limit(); err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	next, err := h.invoices.List(ctx, q, func(inv gst.Invoice) bool {
		if expand != "" {
			return page.Add(inv)
		}
		return page.Add(invoice.Summarize(inv))
	})
	if err != nil {
		return httpapi.Response{}, err
	}
	return page.JSON("invoices", next)
}

// byNumber looks a number up; it is unique within a document type and financial year. The
// other filters of q must be empty.
func (h handler) byNumber(ctx context.Context, q invoice.Query, r httpapi.Request) (httpapi.Response, error) {
	for _, name := range []string{"status", "from", "to", "buyer_gstin", "reference", "external_id"} {
		if r.Query(name) != "" {
			return httpapi.Response{}, httpapi.InvalidQuery(name, "cannot be combined with invoice_number")
		}
	}
	if q.FinancialYear == "" {
		return httpapi.Response{}, httpapi.InvalidQuery("financial_year",
			"is required to look up a number: four digits such as 2526")
	}
	inv, err := h.invoices.ByNumber(ctx, invoice.NumberScope{
		MerchantID: q.Tenant.MerchantID(), FinancialYear: q.FinancialYear,
		DocumentType: cmp.Or(q.DocumentType, gst.TypeInvoice),
	}, r.Query("invoice_number"))
	if err != nil {
		return httpapi.Response{}, err
	}
	page := httpapi.NewPage()
	page.Add(inv)
	return page.JSON("invoices", "")
}
