package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/problem"
)

// Handler serves one route. Its error becomes a problem document.
type Handler func(context.Context, Request) (Response, error)

// Route maps a method and a pattern such as `/invoices/{id}` to a handler. Query lists the
// query parameters that it has; any other is a 400, unless AnyQuery leaves them to the handler.
type Route struct {
	Method, Pattern string
	Query           []string
	AnyQuery        bool
	Handle          Handler
}

// Router serves API Gateway's proxy events. The routes of GET serve HEAD and conditional
// requests too.
type Router struct {
	Routes []Route
	// Elsewhere lists the routes that other functions serve, as `METHOD /pattern`, so that
	// a wrong method on one of their paths is a 405 and not a 404.
	Elsewhere []string
	Now       func() time.Time
	Log       *slog.Logger
}

// Serve returns the response to an event: to HEAD that of GET without its body. Its error is
// always nil: failures and panics become problem documents.
func (rt Router) Serve(
	ctx context.Context, e lambdaevents.APIGatewayProxyRequest,
) (lambdaevents.APIGatewayProxyResponse, error) {
	started := rt.Now()
	id := e.RequestContext.RequestID
	telemetry.AddAttrs(ctx, slog.String(telemetry.RequestID, id))
	route, params, err := rt.match(e.HTTPMethod, e.Path)
	if err == nil {
		err = checkQuery(route, e)
	}
	if err == nil {
		var r Response
		request := Request{ID: id, Params: params, event: e}
		if r, err = rt.handle(ctx, route, request); err == nil {
			r = r.conditional(request)
			rt.log(ctx, route, e.HTTPMethod, id, r.Status, started, nil)
			return r.event(e.HTTPMethod, id), nil
		}
	}
	r := Problem(err, id)
	if allowed := rt.allowed(e.Path); r.Status == http.StatusMethodNotAllowed {
		r.Header["Allow"] = strings.Join(allowed, ", ")
	}
	rt.log(ctx, route, e.HTTPMethod, id, r.Status, started, err)
	return r.event(e.HTTPMethod, id), nil
}

// handle calls the route's handler and returns a panic as an error.
func (rt Router) handle(ctx context.Context, route Route, r Request) (resp Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return route.Handle(ctx, r)
}

// log records a request. It writes the route's pattern, and never the path, the query, the
// body, or the text of a refusal, which may quote them.
func (rt Router) log(
	ctx context.Context, route Route, method, id string, status int, started time.Time, err error,
) {
	took := rt.Now().Sub(started)
	code := ""
	if err != nil {
		code = shown(err).Code
	}
	telemetry.Request(ctx, method, route.Pattern, status, code, took)
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("route", route.Pattern), slog.Int("status", status),
		slog.Int64("ms", took.Milliseconds()), slog.String(telemetry.RequestID, id),
	}
	level := slog.LevelInfo
	refusal, isRefusal := errors.AsType[*problem.Error](err)
	switch {
	case status >= http.StatusInternalServerError && err != nil:
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	case isRefusal:
		attrs = append(attrs, slog.String("code", refusal.Code))
	}
	rt.Log.LogAttrs(ctx, level, "request", attrs...)
}
