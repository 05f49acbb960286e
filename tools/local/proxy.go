package main

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// responseTimeout is longer than the time limit of any function.
const responseTimeout = 40 * time.Second

// gateway passes requests on to the API at the emulator, signed in where they have no token of
// their own. Requests for the fleet's metrics, which are not part of the API, go to the collector.
func gateway(api, metrics *url.URL, e emulator, admin *session) http.Handler {
	collector := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(metrics) },
		ErrorHandler: badGateway("the collector did not answer; see make status"),
	}
	service := throttle(e.maxConcurrent, maxRequests-e.maxConcurrent, signIn(admin, apiProxy(api, e.decodesPaths, admin)))
	return screen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a ServeMux would redirect
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/metrics" {
			collector.ServeHTTP(w, r)
			return
		}
		service.ServeHTTP(w, r)
	}))
}

// apiProxy passes each request on, and never sends it twice, except as signedTransport does. A REST
// API of API Gateway gives a function the path as the client sent it: `/inventory/A%2FB` stays so
// (https://github.com/aws/aws-sam-cli/issues/3524, https://github.com/localstack/localstack/pull/7728).
// For an emulator that decodes the path, escapePath encodes it once more.
func apiProxy(target *url.URL, escapePath bool, admin *session) http.Handler {
	return &httputil.ReverseProxy{
		Transport: signedTransport{admin, &http.Transport{
			MaxIdleConnsPerHost: 256, MaxIdleConns: 256, IdleConnTimeout: 30 * time.Second,
			ResponseHeaderTimeout: responseTimeout, DisableCompression: true,
		}},
		Rewrite: func(r *httputil.ProxyRequest) {
			if escapePath {
				r.Out.URL.Path, r.Out.URL.RawPath = r.In.URL.EscapedPath(), ""
			}
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = target.Host
			r.Out.Body = unrepeatable(r.Out.Body)
		},
		ModifyResponse: func(r *http.Response) error {
			if location := r.Header.Get("Location"); location != "" {
				r.Header.Set("Location", publicLocation(location, target))
			}
			return nil
		},
		ErrorHandler: badGateway("the emulator did not answer; see make status"),
	}
}

// unrepeatable returns a body that net/http cannot read a second time, even if it is empty.
// Otherwise net/http resends a request with an Idempotency-Key when its connection breaks.
func unrepeatable(body io.ReadCloser) io.ReadCloser {
	if body == nil || body == http.NoBody {
		return io.NopCloser(strings.NewReader(""))
	}
	return body
}

// publicLocation removes the emulator's address and the API's path there from a Location.
func publicLocation(location string, target *url.URL) string {
	location = strings.TrimPrefix(location, target.Scheme+"://"+target.Host)
	return strings.TrimPrefix(location, target.Path)
}

func badGateway(detail string) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, _ *http.Request, _ error) {
		writeProblem(w, &problem.Error{
			Kind: problem.Unavailable, Status: http.StatusBadGateway, Code: "bad_gateway", Message: detail, Retryable: true,
		})
	}
}

// writeProblem answers with a problem document. There is no request id: no function has
// seen the request.
func writeProblem(w http.ResponseWriter, e *problem.Error) {
	response := httpapi.Problem(e, "-")
	for name, value := range response.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}
