package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// Handler serves one route. Its error becomes a problem document.
type Handler func(context.Context, Request) (Response, error)

// Middleware returns a handler that runs around a route's handler.
type Middleware func(Route, Handler) Handler

// Public is the scope of a route that needs no token.
const Public = "public"

// Route maps a method and a pattern such as `/invoices/{id}` to a handler. Query lists the
// query parameters that it has; any other is a 400, unless AnyQuery leaves them to the handler.
type Route struct {
	Method, Pattern string
	Scope           string // that a caller needs; Public for none
	Query           []string
	AnyQuery        bool
	Handle          Handler
}

// Router makes a handler of routes. The routes of GET serve HEAD and conditional requests too.
type Router struct {
	Routes []Route
	// Guard runs around each route that is not Public. It refuses callers that lack the route's
	// scope. Without a Guard these routes refuse every caller.
	Guard Middleware
	// Elsewhere lists the routes that other functions serve, as `METHOD /pattern`, so that
	// a wrong method on one of their paths is a 405 and not a 404.
	Elsewhere []string
	Now       func() time.Time
	Log       *slog.Logger
}

// Handler returns the handler of the routes. Failures and panics become problem documents.
func (rt Router) Handler() http.Handler {
	s := server{mux: http.NewServeMux(), now: rt.Now, log: rt.Log, literal: map[string]bool{}}
	for _, pattern := range rt.Elsewhere {
		s.mux.Handle(pattern, elsewhere{http.NotFoundHandler()})
	}
	for _, route := range rt.Routes {
		route.Handle = checkedQuery(route)
		if route.Scope != Public {
			route.Handle = rt.guarded(route)
		}
		s.mux.Handle(route.Method+" "+route.Pattern, endpoint{s, route})
		s.methods = append(s.methods, route.Method)
		s.spellOut(route.Pattern)
	}
	for _, pattern := range rt.Elsewhere {
		s.methods = append(s.methods, methodOf(pattern))
		s.spellOut(pathOf(pattern))
	}
	return s
}

func (s server) spellOut(path string) {
	if !strings.Contains(path, "{") {
		s.literal[path] = true
	}
}

// guarded returns a route's handler behind the guard. It fails closed.
func (rt Router) guarded(route Route) Handler {
	if rt.Guard != nil {
		return rt.Guard(route, route.Handle)
	}
	return func(context.Context, Request) (Response, error) {
		return Response{}, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusUnauthorized, Code: "invalid_token",
			Message: "this API accepts no caller",
		}
	}
}
