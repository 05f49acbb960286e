// Package contract validates responses of the API against its OpenAPI description.
package contract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/invochain/invochain/events"
)

// Document is the parsed OpenAPI description.
type Document struct {
	spec   *openapi3.T
	router routers.Router
}

// readJOSE makes the validation read signed invoices.
//
//nolint:gochecknoglobals // the decoders are global
var readJOSE = sync.OnceFunc(func() {
	openapi3filter.RegisterBodyDecoder("application/jose", openapi3filter.PlainBodyDecoder)
})

// Load parses and validates the description that the API serves.
func Load(ctx context.Context) (*Document, error) {
	readJOSE()
	spec, err := openapi3.NewLoader().LoadFromData(events.OpenAPI())
	if err != nil {
		return nil, err
	}
	if err := spec.Validate(ctx); err != nil {
		return nil, err
	}
	spec.Servers = nil // match any host
	router, err := gorillamux.NewRouter(spec)
	return &Document{spec, router}, err
}

// Check validates one response. A response for a route that the description lacks (404 or
// 405) must be a problem document. One to HEAD must have no body.
func (d *Document) Check(ctx context.Context, method, path string, status int, header http.Header, body []byte) error {
	address, err := url.Parse("http://api" + path)
	if err != nil {
		return err
	}
	req := &http.Request{Method: method, URL: address, Header: http.Header{}, Host: "api"}
	route, params, err := d.router.FindRoute(req.WithContext(ctx))
	if method == http.MethodHead && len(body) > 0 {
		return fmt.Errorf("HEAD %s: there is a body: %s", path, body)
	}
	if err != nil {
		return d.problem(method, header, body)
	}
	if route.Operation.Responses.Status(status) == nil {
		return fmt.Errorf("%s %s: status %d is not described: %s", method, path, status, body)
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: req.WithContext(ctx), PathParams: params, Route: route,
		},
		Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
	})
}

func (d *Document) problem(method string, header http.Header, body []byte) error {
	if kind := header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
		return fmt.Errorf("content type %q is not a problem document", kind)
	}
	if method == http.MethodHead {
		return nil
	}
	v, err := openapi3filter.JSONBodyDecoder(bytes.NewReader(body), nil, nil, nil)
	if err != nil {
		return err
	}
	return d.spec.Components.Schemas["Problem"].Value.VisitJSON(v)
}

// Operations lists the described operations, such as `GET /invoices/{id}`.
func (d *Document) Operations() []string {
	var all []string
	for path, item := range d.spec.Paths.Map() {
		for method := range item.Operations() {
			all = append(all, method+" "+path)
		}
	}
	return all
}
