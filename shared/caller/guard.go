package caller

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/problem"
)

// Guard lets those callers through to a route whose token has its scope.
type Guard struct {
	Verifier *Verifier
	Limits   *limit.Limiter // of merchants
	Log      *slog.Logger
}

// Middleware returns a route's handler behind the guard. The handler finds the caller in its
// context. Each refusal is logged and counted by its reason.
func (g Guard) Middleware(route httpapi.Route, next httpapi.Handler) httpapi.Handler {
	return func(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
		p, err := g.Verifier.Verify(ctx, r.Header("Authorization"))
		if err == nil && !p.May(route.Scope) {
			err = insufficientScope(route.Scope)
		}
		if err != nil {
			return httpapi.Response{}, g.refuse(ctx, route, p, err)
		}
		defer g.Verifier.Settle(ctx)
		telemetry.AddAttrs(ctx, slog.String("client", p.Client))
		response, err := g.limited(NewContext(ctx, p), r, next)
		if slices.Contains([]string{codeForbidden, codeQuota}, codeOf(err)) {
			return response, g.refuse(ctx, route, p, err)
		}
		return response, err
	}
}

// limited serves a request within its merchant's rate. Operators are not limited.
func (g Guard) limited(ctx context.Context, r httpapi.Request, next httpapi.Handler) (httpapi.Response, error) {
	merchantID := From(ctx).Tenant.MerchantID()
	if merchantID == "" {
		return next(ctx, r)
	}
	verdict := g.Limits.Allow(ctx, merchantID)
	if err := verdict.Problem(); err != nil {
		return httpapi.Response{}, err
	}
	defer verdict.Join(ctx)
	response, err := next(ctx, r)
	header := verdict.Header()
	maps.Copy(header, response.Header)
	response.Header = header
	return response, err
}

// refuse records a refusal and returns it as a problem.
func (g Guard) refuse(ctx context.Context, route httpapi.Route, p Principal, err error) error {
	reason := reasonOf(err)
	telemetry.Add(ctx, metric.SecurityRefusals, 1, reason)
	g.Log.WarnContext(ctx, "caller refused", slog.String("reason", reason), slog.String("method", route.Method),
		slog.String("route", route.Pattern), slog.String("client", p.Client), slog.String("cause", err.Error()))
	switch {
	case errors.Is(err, ErrInvalid):
		return invalidToken(err)
	case errors.Is(err, ErrUnavailable):
		return &problem.Error{
			Kind: problem.Unavailable, Code: "temporarily_unavailable", Retryable: true, RetryAfter: time.Second,
			Message: "access tokens cannot be checked now; send the request again", Cause: err,
		}
	default:
		return err
	}
}

// reasonOf returns the reason of a refusal, for the log and the metric.
func reasonOf(err error) string {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid.Reason
	}
	if reason, known := map[string]string{
		codeScope: "scope", codeForbidden: "merchant", codeQuota: "rate",
	}[codeOf(err)]; known {
		return reason
	}
	return "keys_unavailable"
}

// codeOf returns the code of a problem; empty for any other error.
func codeOf(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Code
	}
	return ""
}

// Codes of refusals.
const (
	codeScope     = "insufficient_scope"
	codeForbidden = "merchant_forbidden"
	codeQuota     = "quota_exceeded"
)

// invalidToken is a 401 (RFC 6750, section 3). Without a token the challenge names no error.
func invalidToken(err error) error {
	challenge := `Bearer realm="invochain"`
	if reasonOf(err) != errMissing.Reason {
		challenge += `, error="invalid_token"`
	}
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnauthorized, Code: "invalid_token", Cause: err,
		Message: "send a valid access token, as Authorization: Bearer TOKEN; POST /oauth/token issues them",
		Header:  map[string]string{"WWW-Authenticate": challenge},
	}
}

func insufficientScope(scope string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusForbidden, Code: codeScope,
		Message: "the access token lacks the scope " + scope,
		Header: map[string]string{
			"WWW-Authenticate": `Bearer realm="invochain", error="insufficient_scope", scope="` + scope + `"`,
		},
	}
}
