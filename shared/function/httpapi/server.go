package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/problem"
)

// server finds the endpoint of a request.
type server struct {
	mux     *http.ServeMux
	methods []string        // of all routes
	literal map[string]bool // paths of routes without a parameter
	now     func() time.Time
	log     *slog.Logger
}

// ServeHTTP implements http.Handler.
func (s server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = withoutTrailingSlash(r)
	if h, _ := s.match(r); isEndpoint(h) {
		s.mux.ServeHTTP(w, r)
		return
	}
	endpoint{s, Route{Handle: s.refuse(r)}}.ServeHTTP(w, r)
}

// endpoint serves a route.
type endpoint struct {
	server

	route Route
}

// match returns the handler of a request's route, and whether there is one. A path that a route spells
// out is that route's alone: GET /invoices/preview is not GET /invoices/{id}.
func (s server) match(r *http.Request) (http.Handler, bool) {
	h, pattern := s.mux.Handler(r)
	if s.literal[r.URL.Path] && pathOf(pattern) != r.URL.Path {
		return nil, false
	}
	_, served := h.(elsewhere)
	return h, served || isEndpoint(h)
}

// isEndpoint tells a route's handler from those with which http.ServeMux redirects and refuses.
func isEndpoint(h http.Handler) bool {
	_, ok := h.(endpoint)
	return ok
}

// ServeHTTP implements http.Handler: failures and panics become problem documents.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started, request := e.now(), newRequest(r)
	telemetry.AddAttrs(r.Context(), slog.String(telemetry.RequestID, request.ID))
	response, err := e.handle(r.Context(), request)
	if err == nil {
		response = response.conditional(request)
	} else {
		response = Problem(err, request.ID)
	}
	e.record(r.Context(), request, response.Status, started, err)
	response.write(w, request)
}

// handle calls the route's handler and returns a panic as an error.
func (e endpoint) handle(ctx context.Context, r Request) (resp Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return e.route.Handle(ctx, r)
}

// record logs and counts a request. It writes the route's pattern, and never the path, the query,
// the body, or the text of a refusal, which may quote them.
func (e endpoint) record(ctx context.Context, r Request, status int, started time.Time, err error) {
	method, took, code := r.http.Method, e.now().Sub(started), ""
	if err != nil {
		code = shown(err).Code
	}
	telemetry.Request(ctx, method, e.route.Pattern, status, code, took)
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("route", e.route.Pattern), slog.Int("status", status),
		slog.Int64("ms", took.Milliseconds()), slog.String(telemetry.RequestID, r.ID),
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
	e.log.LogAttrs(ctx, level, "request", attrs...)
}

func withoutTrailingSlash(r *http.Request) *http.Request {
	if len(r.URL.Path) < 2 || !strings.HasSuffix(r.URL.Path, "/") {
		return r
	}
	shorter := *r.URL
	shorter.Path, shorter.RawPath = strings.TrimSuffix(shorter.Path, "/"), strings.TrimSuffix(shorter.RawPath, "/")
	clone := *r
	clone.URL = &shorter
	return &clone
}
