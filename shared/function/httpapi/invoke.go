package httpapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"
)

// Invoke serves an event of API Gateway with an http.Handler.
func Invoke(
	ctx context.Context, h http.Handler, e lambdaevents.APIGatewayProxyRequest,
) lambdaevents.APIGatewayProxyResponse {
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, fromEvent(withRequestID(ctx, e.RequestContext.RequestID), e))
	header := make(map[string]string, len(w.header))
	for name, values := range w.header {
		header[name] = strings.Join(values, ", ")
	}
	return lambdaevents.APIGatewayProxyResponse{StatusCode: w.status, Headers: header, Body: w.body.String()}
}

// recorder keeps a response.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) { return w.body.Write(b) }

// fromEvent returns the request that an event describes. A REST API of API Gateway passes the
// path on as it was sent, and the query decoded.
func fromEvent(ctx context.Context, e lambdaevents.APIGatewayProxyRequest) *http.Request {
	target, err := url.ParseRequestURI(e.Path)
	if err != nil {
		target = &url.URL{} // no route has this path
	}
	target.RawQuery = url.Values(merged(e.QueryStringParameters, e.MultiValueQueryStringParameters, identity)).Encode()
	header := http.Header(merged(e.Headers, e.MultiValueHeaders, http.CanonicalHeaderKey))
	var body io.Reader = strings.NewReader(e.Body)
	if e.IsBase64Encoded {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	return (&http.Request{
		Method: e.HTTPMethod, URL: target, Header: header, Host: header.Get("Host"), Body: io.NopCloser(body),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
}

func identity(name string) string { return name }

// merged returns the values of an event, which has in all each of them, and in once the last of
// each name. Names that are the same to key share their values, so that none is ignored.
func merged(once map[string]string, all map[string][]string, key func(string) string) map[string][]string {
	m := map[string][]string{}
	for name, values := range all {
		m[key(name)] = append(m[key(name)], values...)
	}
	for name, value := range once {
		if _, listed := m[key(name)]; !listed {
			m[key(name)] = []string{value}
		}
	}
	return m
}
