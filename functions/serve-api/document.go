package main

import (
	"context"
	"net/http"

	"github.com/go-jose/go-jose/v4"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

const documentKeysPath = "/.well-known/document-keys.json"

// signedInvoice serves an invoice as JWS. Its payload is the invoice as a list and the answer of
// POST /invoices have it: the explanation of the tax is no part of the document.
func (h handler) signedInvoice(ctx context.Context, inv gst.Invoice) (httpapi.Response, error) {
	body, err := strictjson.Marshal(inv)
	if err != nil {
		return httpapi.Response{}, err
	}
	compact, err := h.documents.Sign(ctx, body)
	return httpapi.Response{
		Status: http.StatusOK, Body: []byte(compact),
		Header: map[string]string{"Content-Type": signed, "Vary": "Accept"},
	}, err
}

// documentKeys serves the keys that verify documents (RFC 7517). A client may keep them for 5 minutes.
func (h handler) documentKeys(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
	public, err := h.documents.Public(ctx)
	if err != nil {
		return httpapi.Response{}, err
	}
	response, err := httpapi.JSON(http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}})
	response.Header = map[string]string{"Cache-Control": "public, max-age=300"}
	return response, err
}
