package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
)

func (h handler) router() httpapi.Router {
	return httpapi.Router{Now: h.now, Log: h.log, Guard: h.guard, Routes: []httpapi.Route{
		{Method: http.MethodPost, Pattern: "/invoices", Scope: caller.InvoicesWrite, Handle: h.post},
		{
			Method: http.MethodPost, Pattern: "/invoices/{id}/cancellation", Scope: caller.InvoicesWrite,
			Query: []string{"merchant_id"}, Handle: h.cancel,
		},
	}}
}

// post issues an invoice and answers with it. With `Prefer: respond-async` (RFC 7240) it
// accepts the request and answers with the URL of its saga.
func (h handler) post(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	key, err := idempotency.ParseKey("", r.Header("Idempotency-Key"))
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
	key.Scope = tenant.MerchantID()
	by := issuance.Client(caller.From(ctx).Client)
	if !prefersAsync(r.Header("Prefer")) {
		result, err := h.issue(ctx, "http", by, key, req)
		return respond(result), err
	}
	result, err := h.issuer.Accept(ctx, by, key, req, body)
	response := respond(result)
	if result.Status == http.StatusAccepted {
		response.Header["Preference-Applied"] = "respond-async"
	}
	return response, err
}

// cancel holds an invoice for its cancellation and answers with the URL of its saga.
func (h handler) cancel(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	body, err := r.JSONBody()
	if err != nil {
		return httpapi.Response{}, err
	}
	key, err := idempotency.ParseKey("", r.Header("Idempotency-Key"))
	if err != nil {
		return httpapi.Response{}, err
	}
	req, err := gst.ParseCancelRequest(strings.ToLower(r.Param("id")), body)
	if err != nil {
		return httpapi.Response{}, err
	}
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	key.Scope = tenant.MerchantID()
	result, err := h.issuer.Cancel(ctx, issuance.Client(caller.From(ctx).Client), key, tenant, req)
	return respond(result), err
}

func prefersAsync(prefer string) bool {
	for p := range strings.SplitSeq(prefer, ",") {
		if strings.EqualFold(strings.TrimSpace(p), "respond-async") {
			return true
		}
	}
	return false
}

func respond(a issuance.Result) httpapi.Response {
	r := httpapi.Response{
		Status: a.Status,
		Body:   a.Body,
		Header: map[string]string{"Location": "/invoices/" + a.InvoiceID},
	}
	if a.Status == http.StatusAccepted {
		r.Header["Location"] = "/sagas/" + a.SagaID
	}
	if a.Replayed {
		r.Header["X-Idempotent-Replayed"] = "true"
	}
	return r
}
