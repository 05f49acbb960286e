package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// elsewhere stands for a route that another function serves.
type elsewhere struct{ http.Handler }

func methodOf(pattern string) string {
	method, _, _ := strings.Cut(pattern, " ")
	return method
}

func pathOf(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	return path
}

// refuse returns a handler that refuses a request without an endpoint: 405 for a path that has
// other methods, else 404.
func (s server) refuse(r *http.Request) Handler {
	allowed := s.allowed(r)
	return func(context.Context, Request) (Response, error) {
		if len(allowed) == 0 {
			return Response{}, &problem.Error{
				Kind: problem.NotFound, Code: "route_not_found", Message: "no such route; see /openapi.json",
			}
		}
		return Response{}, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Message: "method not allowed; use " + disjunction(allowed),
			Header:  map[string]string{"Allow": strings.Join(allowed, ", ")},
		}
	}
}

// allowed lists the methods of a request's path, sorted.
func (s server) allowed(r *http.Request) []string {
	var methods []string
	for _, method := range s.methods {
		other := *r
		other.Method = method
		if _, found := s.match(&other); found {
			methods = append(methods, method)
		}
	}
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// disjunction joins methods: `PUT`, `GET or HEAD`, `GET, HEAD or PUT`.
func disjunction(methods []string) string {
	last := len(methods) - 1
	if last == 0 {
		return methods[0]
	}
	return strings.Join(methods[:last], ", ") + " or " + methods[last]
}
