package contract

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/invochain/invochain/shared/function/httpapi"
)

// CheckRoutes compares the query parameters and scopes of routes with the description. A route of
// GET serves HEAD too.
func (d *Document) CheckRoutes(routes []httpapi.Route) error {
	for _, route := range routes {
		methods := []string{route.Method}
		if route.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		for _, method := range methods {
			if err := d.checkRoute(method, route); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Document) checkRoute(method string, route httpapi.Route) error {
	item := d.spec.Paths.Value(route.Pattern)
	if item == nil || item.GetOperation(method) == nil {
		return fmt.Errorf("%s %s is not described", method, route.Pattern)
	}
	described := queries(item, item.GetOperation(method))
	if taken := slices.Sorted(slices.Values(route.Query)); !slices.Equal(taken, described) {
		return fmt.Errorf("%s %s takes %v, but %v are described", method, route.Pattern, taken, described)
	}
	scope, err := d.Scope(method, route.Pattern)
	if err == nil && scope != route.Scope {
		err = fmt.Errorf("%s %s needs %s, but %s is described", method, route.Pattern, route.Scope, scope)
	}
	return err
}

// queries returns the described query parameters of an operation, sorted.
func queries(item *openapi3.PathItem, op *openapi3.Operation) []string {
	var described []string
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		if p.Value.In == openapi3.ParameterInQuery {
			described = append(described, p.Value.Name)
		}
	}
	slices.Sort(described)
	return described
}

// Scope returns the scope that an operation is described to need; httpapi.Public for none.
func (d *Document) Scope(method, pattern string) (string, error) {
	item := d.spec.Paths.Value(pattern)
	if item == nil || item.GetOperation(method) == nil || item.GetOperation(method).Security == nil {
		return "", fmt.Errorf("%s %s is described without security", method, pattern)
	}
	requirements := *item.GetOperation(method).Security
	for _, requirement := range requirements {
		if scopes, needed := requirement["accessToken"]; needed {
			if len(scopes) != 1 || len(requirements) != 1 {
				return "", fmt.Errorf("%s %s must need one scope", method, pattern)
			}
			return scopes[0], nil
		}
	}
	return httpapi.Public, nil
}

// Scopes returns the scopes that an access token may have, sorted.
func (d *Document) Scopes() []string {
	return slices.Sorted(maps.Keys(d.spec.Components.SecuritySchemes["accessToken"].Value.Flows.ClientCredentials.Scopes))
}
