package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

type (
	clients interface {
		Client(ctx context.Context, id string) (caller.Client, error)
		Clients(ctx context.Context, merchantID, cursor string, limit int) ([]caller.Client, string, error)
		CreateClient(ctx context.Context, c caller.Client, m caller.Mode) (caller.Client, string, error)
		RollSecret(ctx context.Context, id string, m caller.Mode, overlap time.Duration) (string, error)
		RevokeClient(ctx context.Context, id string) error
	}
	merchants interface {
		Get(ctx context.Context, id string) (merchant.Profile, error)
	}
	keys interface {
		Known(ctx context.Context) (caller.Known, error)
	}
	tokens interface {
		Token(ctx context.Context, c caller.Client, scope string) (signing.Token, error)
	}
)

type handler struct {
	clients   clients
	acts      caller.Acts
	merchants merchants
	keys      keys
	tokens    tokens
	guard     httpapi.Middleware
	limits    *limit.Limiter // of clients that ask for tokens
	issuer    string         // URL of the API
	mode      caller.Mode    // of new secrets
	now       func() time.Time
	log       *slog.Logger
}

// grantPath is the path of the token endpoint.
const grantPath = "/oauth/token"

func (h handler) router() httpapi.Router {
	return httpapi.Router{
		Now: h.now, Log: h.log, Guard: h.guard,
		Routes: []httpapi.Route{
			{
				Method: http.MethodGet, Pattern: "/clients", Scope: caller.ClientsRead,
				Query: []string{"merchant_id", "cursor", "limit"}, Handle: h.list,
			},
			{Method: http.MethodPost, Pattern: "/clients", Scope: caller.ClientsWrite, Handle: h.create},
			{Method: http.MethodDelete, Pattern: "/clients/{id}", Scope: caller.ClientsWrite, Handle: h.revoke},
			{Method: http.MethodPost, Pattern: "/clients/{id}/roll", Scope: caller.ClientsWrite, Handle: h.roll},
			{Method: http.MethodPost, Pattern: grantPath, Scope: httpapi.Public, AnyQuery: true, Handle: h.token},
			{Method: http.MethodGet, Pattern: keySetPath, Scope: httpapi.Public, Handle: h.keySet},
			{Method: http.MethodGet, Pattern: metadataPath, Scope: httpapi.Public, Handle: h.metadata},
		},
	}
}
