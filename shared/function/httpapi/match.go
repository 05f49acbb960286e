package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// match returns the route of a path and its parameters; the route of GET serves HEAD too.
// Errors are *problem.Error: 405 for a path with other methods, else 404.
func (rt Router) match(method, path string) (Route, map[string]string, error) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
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
			Message: "method not allowed; use " + disjunction(allowed),
		}
	}
	return Route{}, nil, &problem.Error{
		Kind: problem.NotFound, Code: "route_not_found", Message: "no such route; see /openapi.json",
	}
}

// disjunction joins methods: `PUT`, `GET or HEAD`, `GET, HEAD or PUT`.
func disjunction(methods []string) string {
	last := len(methods) - 1
	if last == 0 {
		return methods[0]
	}
	return strings.Join(methods[:last], ", ") + " or " + methods[last]
}

// allowed lists the methods of a path, sorted.
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
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// matches compares a path with a pattern, segment by segment, and returns the parameters.
// A parameter matches one segment that is not empty.
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
		// A REST API of API Gateway passes the path on as it was sent, so this decodes it once.
		v, err := url.PathUnescape(got[i])
		if err != nil || v == "" {
			return nil, false
		}
		params[strings.Trim(w, "{}")] = v
	}
	return params, true
}
