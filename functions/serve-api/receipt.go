package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// sealInterval is how often seal-audit runs.
const sealInterval = time.Minute

// receipt proves that an invoice is in the audit log.
func (h handler) receipt(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	tenant, err := caller.TenantOf(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	since, err := parseQuery(r, "since", parseSize)
	if err != nil {
		return httpapi.Response{}, err
	}
	document, err := h.issued.Document(ctx, tenant, strings.ToLower(r.Param("id")))
	if err != nil {
		return httpapi.Response{}, err
	}
	inv := document.Invoice
	entry, appended, err := h.audit.Find(ctx, inv.SellerMerchantID, audit.PeriodOf(inv.InvoiceDate), inv.SagaID)
	if err != nil {
		return httpapi.Response{}, err
	}
	if !appended {
		return httpapi.Response{}, notSealed()
	}
	proved := receipt.Receipt{Salt: document.Salt}
	if len(document.Salt) > 0 {
		proved.Document = string(document.JSON)
	}
	proved.Proof, proved.Consistency, err = h.prove(ctx, entry, since)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, proved)
}

// prove returns the proof of an entry. What was altered raises an alarm.
func (h handler) prove(ctx context.Context, e audit.Placed, since int64) (string, *receipt.Consistency, error) {
	log, err := h.audit.Open(ctx)
	if err != nil {
		return "", nil, err
	}
	proof, consistency, err := log.Prove(ctx, e, since)
	if _, altered := errors.AsType[*seal.AlteredError](err); altered {
		telemetry.Add(ctx, metric.AuditAlterations, 1)
		h.log.ErrorContext(ctx, "the audit log was altered", slog.String("error", err.Error()))
	}
	switch {
	case errors.Is(err, seal.ErrNotSealed):
		return "", nil, notSealed()
	case errors.Is(err, seal.ErrSince):
		return "", nil, httpapi.InvalidQuery("since", "must not be larger than the log, whose size the last receipt says")
	}
	return proof, consistency, err
}

func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, errors.New("must be the size of the log in an earlier receipt, at least 1")
	}
	return n, nil
}

func notSealed() error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "not_sealed_yet", RetryAfter: sealInterval, Retryable: true,
		Message: "the audit log with this document has not been signed yet; it is signed every minute",
	}
}

// auditKey is what verifies receipts.
type auditKey struct {
	Origin string `json:"origin"`
	Key    string `json:"key"`
}

// auditKey serves the public key of the audit log.
func (h handler) auditKey(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
	log, err := h.audit.Open(ctx)
	if err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, auditKey{log.Key.Name(), log.Key.String()})
}
