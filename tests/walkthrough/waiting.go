package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// requestWaits sends a request to be answered later while the inventory is away, and its copy after
// the answer has expired. Then a merchant's profile changes.
func (w *walk) requestWaits(ctx context.Context) error {
	key, body := client.NewKey(), sale()
	status, err := w.acceptDuringOutage(ctx, key, body)
	if err != nil {
		return err
	}
	var request struct {
		InvoiceID string `json:"invoice_id"`
		Number    string `json:"invoice_number"`
		Attempts  []string
	}
	err = stack.Await(ctx, 75*time.Second, func() (bool, error) {
		err := w.Get(ctx, status, &request)
		return request.InvoiceID != "", err
	})
	w.check(err == nil && len(request.Attempts) > 1,
		"with the inventory back, the same status names invoice %s, issued at attempt %d",
		request.Number, len(request.Attempts))
	if err := w.lateKey(ctx, key, body, request.InvoiceID); err != nil {
		return err
	}
	return w.profileChanges(ctx)
}

func (w *walk) acceptDuringOutage(ctx context.Context, key string, body []byte) (status string, err error) {
	if err := w.Allow(ctx, false, reserve); err != nil {
		return "", err
	}
	defer func() { _ = w.Allow(context.WithoutCancel(ctx), true, reserve) }()
	accepted, err := w.Call(ctx, http.MethodPost, "/invoices", body,
		"Content-Type", "application/json", "Idempotency-Key", key, "Prefer", "respond-async")
	if err != nil {
		return "", err
	}
	status = accepted.Field("status_url")
	w.check(accepted.Status == http.StatusAccepted,
		"with the inventory away, Prefer: respond-async is accepted: %s", status)
	var request struct{ State, Reason string }
	err = stack.Await(ctx, 75*time.Second, func() (bool, error) {
		err := w.Get(ctx, status, &request)
		return request.State == "RETRYING", err
	})
	w.check(err == nil, "its status is RETRYING (%s), not an end that is not one", request.Reason)
	return status, nil
}

// lateKey makes the answer of a key expire, as it does after a day.
func (w *walk) lateKey(ctx context.Context, key string, body []byte, invoiceID string) error {
	item := idempotency.ItemKey(idempotency.Key{Scope: "merchant-123", ID: key}.Hash())
	_, err := dynamo.Update(ctx, w.DB, w.Vars(deployment.PlatformTable), item,
		expression.Set(expression.Name("expires_at"), expression.Value(1)),
		expression.AttributeExists(expression.Name("expires_at")), types.ReturnValueNone)
	if err != nil {
		return err
	}
	late, err := w.Create(ctx, key, body)
	if err != nil {
		return err
	}
	w.check(late.Status == http.StatusCreated && late.Field("id") == invoiceID,
		"the same key after a day, when its answer has expired: the same invoice %s, not a second one",
		late.Field("invoice_number"))
	return nil
}

func (w *walk) profileChanges(ctx context.Context) error {
	id := "walk-" + client.NewKey()[:8]
	karnataka, maharashtra := registration.GSTIN("29", id), registration.GSTIN("27", id)
	if _, err := w.NewMerchant(ctx, id, karnataka, "advise"); err != nil {
		return err
	}
	merchant, err := w.NewMerchant(ctx, id, maharashtra, "advise")
	if err != nil {
		return err
	}
	body := strings.NewReplacer("merchant-123", id, fmt.Sprintf(`"sku":%q,`, sku), "").Replace(string(sale()))
	r, err := merchant.Create(ctx, client.NewKey(), []byte(body))
	if err != nil {
		return err
	}
	var inv struct {
		Seller string `json:"seller_gstin"`
		Totals struct{ IGST json.Number }
	}
	if err := json.Unmarshal(r.Body, &inv); err != nil {
		return err
	}
	w.check(inv.Seller == maharashtra && inv.Totals.IGST != "0",
		"an invoice right after a corrected GSTIN has the new one, %s, and IGST %s", inv.Seller, inv.Totals.IGST)
	refused, err := merchant.Call(ctx, http.MethodPut, "/merchants/"+id,
		fmt.Appendf(nil, `{"name":"x","gstin":%q}`, karnataka), "Content-Type", "application/json")
	w.check(refused.Field("code") == "gstin_in_use", "after it the GSTIN stays as it is: %s", refused.Field("code"))
	return err
}
