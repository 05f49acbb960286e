package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

type (
	subjects interface {
		Subject(ctx context.Context, merchant, identifier string) (string, error)
	}
	documents interface {
		// YearsOf returns the financial years of a buyer's documents, such as `2526`, and when the last
		// one was issued; the zero time if there is none.
		YearsOf(ctx context.Context, merchantID, subject string) (years []string, last time.Time, err error)
	}
	merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
	}
	erasures interface {
		Erase(ctx context.Context, r erasure.Request) (erasure.Erasure, error)
		Get(ctx context.Context, merchant, id string) (erasure.Erasure, error)
		PutHold(ctx context.Context, merchant string, h erasure.Hold) (erasure.Hold, error)
		LiftHold(ctx context.Context, merchant, id, actor string) error
		Holds(ctx context.Context, merchant string) ([]erasure.Hold, error)
		Finish(ctx context.Context) (finished int, err error)
	}
	exports interface {
		Ask(ctx context.Context, r export.Request) (export.Export, error)
		Get(ctx context.Context, merchant, id string) (export.Export, error)
	}
)

type handler struct {
	subjects  subjects
	documents documents
	merchants merchants
	erasures  erasures
	exports   exports
	guard     httpapi.Middleware
	now       func() time.Time
	log       *slog.Logger
}

func (h handler) router() httpapi.Router {
	scoped := []string{"merchant_id"}
	const need = caller.PrivacyWrite
	return httpapi.Router{Now: h.now, Log: h.log, Guard: h.guard, Routes: []httpapi.Route{
		{Method: http.MethodPost, Pattern: "/erasures", Scope: need, Handle: h.erase},
		{Method: http.MethodGet, Pattern: "/erasures/{id}", Scope: need, Query: scoped, Handle: h.erasure},
		{Method: http.MethodPost, Pattern: "/subjects/exports", Scope: need, Handle: h.askExport},
		{Method: http.MethodGet, Pattern: "/subjects/exports/{id}", Scope: need, Query: scoped, Handle: h.export},
		{Method: http.MethodGet, Pattern: "/holds", Scope: need, Query: scoped, Handle: h.holds},
		{Method: http.MethodPut, Pattern: "/holds/{id}", Scope: need, Handle: h.putHold},
		{Method: http.MethodDelete, Pattern: "/holds/{id}", Scope: need, Query: scoped, Handle: h.liftHold},
	}}
}

// finish destroys the keys whose time has come. The schedule invokes it every hour.
func (h handler) finish(ctx context.Context) (any, error) {
	finished, err := h.erasures.Finish(ctx)
	if err != nil {
		h.log.ErrorContext(ctx, "erasures not finished", slog.String("error", err.Error()))
		return nil, err
	}
	h.log.InfoContext(ctx, "erasures finished", slog.Int("erasures", finished))
	return nil, nil //nolint:nilnil // EventBridge reads no result
}
