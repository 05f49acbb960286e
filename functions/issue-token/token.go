package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// granted is a successful answer (RFC 6749, section 5.1).
type granted struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
}

// token serves the token endpoint. Clients' libraries read the errors of RFC 6749, so they are
// answers and no problem documents.
func (h handler) token(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	t, err := h.grant(ctx, r)
	if refused, ok := errors.AsType[*refusal](err); ok {
		h.log.InfoContext(ctx, "token refused", slog.String("oauth_error", refused.Name))
		if refused.Name == nameInvalidClient {
			telemetry.Add(ctx, metric.SecurityRefusals, 1, "credentials")
		}
		return refused.response()
	}
	if errors.Is(err, &problem.Error{Code: "quota_exceeded"}) {
		telemetry.Add(ctx, metric.SecurityRefusals, 1, "rate")
		return httpapi.Response{}, err
	}
	if err != nil {
		h.log.ErrorContext(ctx, "token not issued", slog.String("error", err.Error()))
		return unavailable().response()
	}
	return httpapi.JSON(http.StatusOK, granted{
		AccessToken: t.Access, TokenType: "Bearer", ExpiresIn: int(t.Expires.Seconds()), Scope: strings.Join(t.Scopes, " "),
	})
}

// grant authenticates the client and issues a token. A refusal is a *refusal.
func (h handler) grant(ctx context.Context, r httpapi.Request) (signing.Token, error) {
	asked, err := parse(r)
	if err != nil {
		return signing.Token{}, err
	}
	c, err := h.clients.Client(ctx, asked.id)
	if err != nil && !errors.Is(err, caller.ErrNoClient) {
		return signing.Token{}, err
	}
	if err == nil { // an id that was made up has no rate
		verdict := h.limits.Allow(ctx, c.ID)
		if err := verdict.Problem(); err != nil {
			return signing.Token{}, err
		}
		defer verdict.Join(ctx)
	}
	if !c.Authentic(asked.secret, h.now()) { // also for a client that does not exist
		return signing.Token{}, invalidClient(asked)
	}
	t, err := h.tokens.Token(ctx, c, asked.scope)
	if errors.Is(err, signing.ErrScope) {
		return signing.Token{}, refuse(http.StatusBadRequest, "invalid_scope", "the client's role has only: "+
			strings.Join(c.Role.Scopes(), " "))
	}
	return t, err
}
