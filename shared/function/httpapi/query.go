package httpapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/invochain/invochain/shared/problem"
)

// maxQueryValue bounds a query parameter's value in bytes. It fits any 100 characters, and is below what
// a DynamoDB key can hold, so that no value fails there.
const maxQueryValue = 400

// InvalidQuery returns the 400 of one query parameter. message continues its name: `must be 1
// to 100`.
func InvalidQuery(name, message string) error { return invalidQuery(queryFault(name, message)) }

// checkedQuery returns a route's handler behind a check of the query. It refuses the parameters that
// the route does not have, that are repeated, and whose value is too long. A filter that is
// misspelled must not look as if it had matched everything.
func checkedQuery(route Route) Handler {
	if route.AnyQuery {
		return route.Handle
	}
	return func(ctx context.Context, r Request) (Response, error) {
		if faults := queryFaults(route, r.query); len(faults) > 0 {
			return Response{}, invalidQuery(faults...)
		}
		return route.Handle(ctx, r)
	}
}

func queryFaults(route Route, query url.Values) (faults []problem.FieldError) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		v := query[name]
		switch {
		case !slices.Contains(route.Query, name):
			faults = append(faults, queryFault(name, "is not a parameter of this route; check its spelling"))
		case len(v) > 1:
			faults = append(faults, queryFault(name, "must be given once"))
		case len(v) == 1 && len(v[0]) > maxQueryValue:
			faults = append(faults, queryFault(name, fmt.Sprintf("must have at most %d bytes", maxQueryValue)))
		}
	}
	return faults
}

func queryFault(name, message string) problem.FieldError {
	return problem.FieldError{Field: problem.Clip(name), Code: "invalid_query", Message: message}
}

func invalidQuery(faults ...problem.FieldError) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "invalid_query",
		Message: "the query is not valid; correct the parameters listed in errors", Fields: faults,
	}
}
