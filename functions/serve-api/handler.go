package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/go-jose/go-jose/v4"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
)

type (
	invoices interface {
		Get(ctx context.Context, t caller.Tenant, id string) (gst.Invoice, error)
		Load(ctx context.Context, id string) (gst.Invoice, error)
		ByNumber(ctx context.Context, r invoice.NumberScope, number string) (gst.Invoice, error)
		List(ctx context.Context, q invoice.Query, take func(gst.Invoice) bool) (string, error)
	}
	sagas interface {
		Request(ctx context.Context, id string) (saga.Request, error)
		List(ctx context.Context, q saga.Query) ([]saga.Record, string, error)
	}
	inventoryBreaker interface {
		State(ctx context.Context) breaker.Snapshot
	}
	merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
		Put(ctx context.Context, m merchant.Profile) error
		Replace(ctx context.Context, m merchant.Profile) error
	}
	issued interface {
		Document(ctx context.Context, t caller.Tenant, id string) (invoice.Document, error)
	}
	auditLog interface {
		Open(ctx context.Context) (*seal.Log, error)
		Find(ctx context.Context, merchantID, period, id string) (audit.Placed, bool, error)
		Register(ctx context.Context, merchantID, period string) ([]audit.Placed, error)
	}
	documentSigner interface {
		Public(ctx context.Context) (jose.JSONWebKey, error)
		Sign(ctx context.Context, document []byte) (string, error)
	}
	queues interface {
		GetQueueAttributes(
			context.Context,
			*sqs.GetQueueAttributesInput,
			...func(*sqs.Options),
		) (*sqs.GetQueueAttributesOutput, error)
	}
	queue struct{ name, url string }
)

type handler struct {
	invoices  invoices
	issued    issued
	audit     auditLog
	sagas     sagas
	merchants merchants
	documents documentSigner
	breaker   inventoryBreaker
	queues    queues
	needed    []queue // for issuing and auditing an invoice
	openAPI   []byte
	guard     httpapi.Middleware
	now       func() time.Time
	log       *slog.Logger
}

func (h handler) router() httpapi.Router {
	scoped := []string{"merchant_id"}
	listed := []string{
		"merchant_id", "cursor", "limit", "expand", "invoice_number",
		"document_type", "status", "from", "to", "buyer_gstin", "financial_year",
		"reference", "external_id",
	}
	failed := []string{"merchant_id", "state", "cursor", "limit"}
	logged := []string{"merchant_id", "period", "cursor", "limit"}
	return httpapi.Router{
		Now: h.now, Log: h.log, Guard: h.guard,
		Elsewhere: []string{
			"POST /invoices", "POST /invoices/{id}/cancellation", "GET /inventory", "GET /inventory/{sku}",
			"PUT /inventory/{sku}", "POST /inventory/{sku}/movements",
		},
		Routes: []httpapi.Route{
			{Method: http.MethodGet, Pattern: "/invoices", Scope: caller.InvoicesRead, Query: listed, Handle: h.list},
			{Method: http.MethodGet, Pattern: "/invoices/{id}", Scope: caller.InvoicesRead, Query: scoped, Handle: h.invoice},
			{
				Method: http.MethodGet, Pattern: "/invoices/{id}/receipt", Scope: caller.InvoicesRead,
				Query: []string{"merchant_id", "since"}, Handle: h.receipt,
			},
			{Method: http.MethodGet, Pattern: "/audit", Scope: caller.AuditRead, Query: logged, Handle: h.listAudit},
			{Method: http.MethodGet, Pattern: "/audit/key", Scope: httpapi.Public, Handle: h.auditKey},
			{Method: http.MethodPost, Pattern: "/invoices/preview", Scope: caller.InvoicesRead, Handle: h.preview},
			{Method: http.MethodGet, Pattern: "/sagas", Scope: caller.SagasRead, Query: failed, Handle: h.listSagas},
			{Method: http.MethodGet, Pattern: "/sagas/{id}", Scope: caller.SagasRead, Query: scoped, Handle: h.saga},
			{Method: http.MethodGet, Pattern: "/merchants/{id}", Scope: caller.MerchantRead, Handle: h.merchant},
			{Method: http.MethodPut, Pattern: "/merchants/{id}", Scope: caller.MerchantWrite, Handle: h.putMerchant},
			{Method: http.MethodGet, Pattern: "/health", Scope: httpapi.Public, Handle: h.health},
			{Method: http.MethodGet, Pattern: "/health/ready", Scope: httpapi.Public, Handle: h.ready},
			{Method: http.MethodGet, Pattern: documentKeysPath, Scope: httpapi.Public, Handle: h.documentKeys},
			{Method: http.MethodGet, Pattern: "/openapi.json", Scope: httpapi.Public, Handle: h.describeAPI},
		},
	}
}
