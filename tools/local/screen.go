package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// maxBody is how many bytes of a body the gateway reads, as API Gateway does.
const maxBody = 10 << 20

// gatewayMethods are the methods that a REST API of API Gateway passes on.
const gatewayMethods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

// screen passes on the requests that API Gateway would pass on, once their bodies have arrived.
// The others are refused, and a malformed body is not taken for a fault of the emulator.
func screen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused := checkTarget(r)
		if refused == nil {
			refused = readBody(w, r)
		}
		if refused == nil {
			next.ServeHTTP(w, r)
			return
		}
		if refused.Status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", gatewayMethods)
		}
		writeProblem(w, refused)
	})
}

func checkTarget(r *http.Request) *problem.Error {
	if !isLocal(r.Host) {
		return refusal(http.StatusMisdirectedRequest, fmt.Sprintf(
			"this gateway serves localhost, not the Host %q", problem.Clip(r.Host)))
	}
	if !slices.Contains(strings.Split(gatewayMethods, ", "), r.Method) {
		return refusal(http.StatusMethodNotAllowed, fmt.Sprintf(
			"there is no method %q; use one of %s", problem.Clip(r.Method), gatewayMethods))
	}
	if !strings.HasPrefix(r.URL.Path, "/") {
		return refusal(http.StatusBadRequest, "the target of a request begins with a slash")
	}
	// ReverseProxy would drop what it cannot parse, and a filter would be missing.
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return refusal(http.StatusBadRequest, "the query holds a malformed escape or a semicolon")
	}
	return nil
}

// isLocal reports whether a Host names this machine. A page of another site whose name has been
// made to resolve to 127.0.0.1 (DNS rebinding) sends the name of that site.
func isLocal(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	return strings.EqualFold(name, "localhost") || name == "127.0.0.1" || name == "::1"
}

// readBody replaces the body, which is read from the connection, by its bytes.
func readBody(w http.ResponseWriter, r *http.Request) *problem.Error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return &problem.Error{
			Kind: problem.Invalid, Status: http.StatusRequestEntityTooLarge, Code: "body_too_large",
			Message: fmt.Sprintf("the body is larger than %d bytes", maxBody),
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return refusal(http.StatusBadRequest, "the body ended early")
	}
	if err != nil {
		return refusal(http.StatusBadRequest, "the body is malformed, or did not arrive in time")
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.TransferEncoding, r.Trailer = nil, nil
	return nil
}
