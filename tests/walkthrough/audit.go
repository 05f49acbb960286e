package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// provesInvoices issues an invoice and verifies its receipt with nothing but the log's key. Then it
// changes one bit of the entry in the table, which the log notices, and repairs it.
func (w *walk) provesInvoices(ctx context.Context) error {
	issued, err := w.Create(ctx, client.NewKey(), sale())
	if err != nil {
		return err
	}
	r, err := w.receipt(ctx, issued)
	if err != nil {
		return err
	}
	key, err := w.auditKey(ctx)
	if err != nil {
		return err
	}
	v, err := receipt.Verify(key, r)
	w.check(err == nil, "the receipt verifies offline, in %d bytes: entry %s", len(r.Proof), v.Entry)
	changed := r
	changed.Document = strings.Replace(r.Document, `"total":`, `"total": `, 1)
	_, err = receipt.Verify(key, changed)
	w.check(errors.Is(err, receipt.ErrDocument), "with a blank more in the document it does not: %v", err)
	return w.noticesAlteration(ctx, issued)
}

// receipt fetches the receipt of an invoice once it is there.
func (w *walk) receipt(ctx context.Context, issued client.Reply) (receipt.Receipt, error) {
	var r receipt.Receipt
	path := "/invoices/" + issued.Field("id") + "/receipt"
	err := stack.Await(ctx, time.Minute, func() (bool, error) {
		if err := w.Seal(ctx); err != nil {
			return false, err
		}
		reply, err := w.Call(ctx, http.MethodGet, path, nil)
		if err != nil || reply.Field("code") == "not_sealed_yet" {
			return false, err
		}
		if reply.Status != http.StatusOK {
			return false, fmt.Errorf("%s: %d %s", path, reply.Status, reply.Body)
		}
		return true, json.Unmarshal(reply.Body, &r)
	})
	return r, err
}

func (w *walk) auditKey(ctx context.Context) (receipt.Key, error) {
	reply, err := w.Call(ctx, http.MethodGet, "/audit/key", nil)
	if err != nil {
		return receipt.Key{}, err
	}
	return receipt.ParseKey(reply.Field("key"))
}

// noticesAlteration changes the entry of an invoice, and repairs it at the end. The next run of
// seal-audit would notice it too, unless the entry is in a full bundle, which is not read again.
func (w *walk) noticesAlteration(ctx context.Context, issued client.Reply) error {
	before, err := w.Metrics(ctx)
	if err != nil {
		return err
	}
	if err := w.FlipEntry(ctx, issued.Field("saga_id")); err != nil {
		return err
	}
	reply, err := w.Call(ctx, http.MethodGet, "/invoices/"+issued.Field("id")+"/receipt", nil)
	w.check(err == nil && reply.Status == http.StatusInternalServerError,
		"one bit of the entry is changed in the table: its receipt is refused (%d)", reply.Status)
	const alterations = "audit_alterations_total"
	w.check(stack.Await(ctx, time.Minute, func() (bool, error) {
		after, err := w.Metrics(ctx)
		return err == nil && after.Total(alterations) > before.Total(alterations), err
	}) == nil, "/metrics: %s has grown, so AuditAltered pages", alterations)
	if err := w.FlipEntry(ctx, issued.Field("saga_id")); err != nil {
		return err
	}
	_, err = w.receipt(ctx, issued)
	w.check(err == nil, "it is repaired: the receipt is there again")
	return err
}
