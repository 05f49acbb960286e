package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/function/httpapi"
)

type (
	clients interface {
		Client(ctx context.Context, id string) (caller.Client, error)
	}
	keys interface {
		Known(ctx context.Context) (caller.Known, error)
	}
	tokens interface {
		Token(ctx context.Context, c caller.Client, scope string) (signing.Token, error)
	}
)

type handler struct {
	clients clients
	keys    keys
	tokens  tokens
	issuer  string // URL of the API
	now     func() time.Time
	log     *slog.Logger
}

// grantPath is the path of the token endpoint.
const grantPath = "/oauth/token"

func (h handler) router() httpapi.Router {
	return httpapi.Router{
		Now: h.now, Log: h.log,
		Routes: []httpapi.Route{
			{Method: http.MethodPost, Pattern: grantPath, AnyQuery: true, Handle: h.token},
			{Method: http.MethodGet, Pattern: keySetPath, Handle: h.keySet},
			{Method: http.MethodGet, Pattern: "/.well-known/oauth-authorization-server", Handle: h.metadata},
		},
	}
}
