package httpapi

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Request is the request that a handler gets.
type Request struct {
	ID    string // API Gateway's request id
	http  *http.Request
	query url.Values
}

func newRequest(r *http.Request) Request {
	return Request{ID: requestID(r.Context()), http: r, query: r.URL.Query()}
}

type requestIDKey struct{}

func withRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Param returns a path parameter, decoded.
func (r Request) Param(name string) string { return r.http.PathValue(name) }

// Header returns the value of a header, empty if it is absent. The values of a repeated one are
// joined by commas (RFC 9110 s.5.3), so that none is ignored. Names match without case.
func (r Request) Header(name string) string { return strings.Join(r.http.Header.Values(name), ", ") }

// HasQuery reports whether the request has a query parameter, even an empty one.
func (r Request) HasQuery(name string) bool { return r.query.Has(name) }

// Query returns a query parameter, empty if it is absent.
func (r Request) Query(name string) string { return r.query.Get(name) }

// JSONBody returns the body of a JSON request, without the byte order mark that some Windows
// programs write. Errors are *problem.Error: 415 for another content type or charset or a compressed body,
// 400 for malformed base64, 413 for more than strictjson.MaxBody bytes.
func (r Request) JSONBody() ([]byte, error) {
	body, err := r.body("application/json")
	if err != nil {
		return nil, err
	}
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}
