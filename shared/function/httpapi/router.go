package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/problem"
)

// Handler answers one route. Its error becomes a problem document.
type Handler func(context.Context, Request) (Response, error)

// Route joins a method and a pattern such as `/invoices/{id}` to its handler.
type Route struct {
	Method, Pattern string
	Handle          Handler
}

// Router serves API Gateway's proxy events.
type Router struct {
	Routes []Route
	// Elsewhere are routes that other functions serve, as `METHOD /pattern`: a
	// wrong method on one of their paths is a 405, not a 404.
	Elsewhere []string
	Now       func() time.Time
	Log       *slog.Logger
}

// Serve answers an event. It never returns an error: a failure, and a panic, is a
// problem document too.
func (rt Router) Serve(ctx context.Context, e lambdaevents.APIGatewayProxyRequest) (lambdaevents.APIGatewayProxyResponse, error) {
	began := rt.Now()
	id := e.RequestContext.RequestID
	telemetry.AddAttrs(ctx, slog.String(telemetry.RequestID, id))
	route, params, err := rt.match(e.HTTPMethod, e.Path)
	if err == nil {
		var r Response
		if r, err = rt.guarded(ctx, route, Request{ID: id, Params: params, event: e}); err == nil {
			rt.log(ctx, route, e.HTTPMethod, id, r.Status, began, nil)
			return r.event(id), nil
		}
	}
	r := Problem(err, id)
	if allowed := rt.allowed(e.Path); r.Status == http.StatusMethodNotAllowed {
		r.Header["Allow"] = strings.Join(allowed, ", ")
	}
	rt.log(ctx, route, e.HTTPMethod, id, r.Status, began, err)
	return r.event(id), nil
}

func (rt Router) guarded(ctx context.Context, route Route, r Request) (resp Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return route.Handle(ctx, r)
}

// log records the request, and writes the route's pattern, never the path, query or
// body, nor what a refusal says of them.
func (rt Router) log(ctx context.Context, route Route, method, id string, status int, began time.Time, err error) {
	took := rt.Now().Sub(began)
	telemetry.Request(ctx, method, route.Pattern, status, took)
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("route", route.Pattern), slog.Int("status", status),
		slog.Int64("ms", took.Milliseconds()), slog.String(telemetry.RequestID, id),
	}
	level := slog.LevelInfo
	var known *problem.Error
	switch {
	case status >= http.StatusInternalServerError && err != nil:
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	case errors.As(err, &known):
		attrs = append(attrs, slog.String("code", known.Code)) // its text may quote the request
	}
	rt.Log.LogAttrs(ctx, level, "request", attrs...)
}

func (rt Router) match(method, path string) (Route, map[string]string, error) {
	for _, route := range rt.Routes {
		if route.Method != method {
			continue
		}
		if params, ok := matches(route.Pattern, path); ok {
			return route, params, nil
		}
	}
	if allowed := rt.allowed(path); len(allowed) > 0 {
		return Route{}, nil, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Message: "method not allowed; use " + list(allowed),
		}
	}
	return Route{}, nil, &problem.Error{Kind: problem.NotFound, Code: "route_not_found", Message: "there is no such route; see /openapi.json"}
}

// list joins methods as English does: `GET`, `GET or PUT`, `GET, POST or PUT`.
func list(methods []string) string {
	last := len(methods) - 1
	if last == 0 {
		return methods[0]
	}
	return strings.Join(methods[:last], ", ") + " or " + methods[last]
}

// allowed lists the methods that a path takes.
func (rt Router) allowed(path string) []string {
	var methods []string
	for _, route := range rt.Routes {
		if _, ok := matches(route.Pattern, path); ok {
			methods = append(methods, route.Method)
		}
	}
	for _, elsewhere := range rt.Elsewhere {
		method, pattern, _ := strings.Cut(elsewhere, " ")
		if _, ok := matches(pattern, path); ok {
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// matches compares segment by segment; a parameter takes one whole segment, not
// an empty one.
func matches(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(strings.TrimSuffix(path, "/"), "/")
	if path == "/" {
		got = []string{"", ""}
	}
	if len(want) != len(got) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		if !strings.HasPrefix(w, "{") {
			if w != got[i] {
				return nil, false
			}
			continue
		}
		v, err := url.PathUnescape(got[i])
		if err != nil || v == "" {
			return nil, false
		}
		params[strings.Trim(w, "{}")] = v
	}
	return params, true
}
