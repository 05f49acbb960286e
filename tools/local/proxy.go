package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// answerLimit is more than any function may take: it answers before we give up.
const answerLimit = 40 * time.Second

// front passes requests on to the API's address at the emulator, and those for the
// fleet's metrics, which are no part of the API, to the collector.
func front(api, metrics *url.URL, most int) http.Handler {
	collector := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(metrics) },
		ErrorHandler: unanswered("the collector did not answer; see make status"),
	}
	rest := shed(most, places-most, toAPI(api))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // no ServeMux: it redirects
		if r.Method == http.MethodGet && r.URL.Path == "/metrics" {
			collector.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// toAPI passes each request on once.
func toAPI(target *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 256, MaxIdleConns: 256, IdleConnTimeout: 30 * time.Second,
			ResponseHeaderTimeout: answerLimit, DisableCompression: true,
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = target.Host
			r.Out.Body = unrepeatable(r.Out.Body)
		},
		ModifyResponse: func(r *http.Response) error {
			if at := r.Header.Get("Location"); at != "" {
				r.Header.Set("Location", ownPath(at, target))
			}
			return nil
		},
		ErrorHandler: unanswered("the emulator did not answer; see make status"),
	}
}

// unrepeatable hides that a body is empty. net/http sends a request that carries an
// Idempotency-Key a second time when its connection breaks, unless it has a body
// that it cannot read again.
func unrepeatable(body io.ReadCloser) io.ReadCloser {
	if body == nil || body == http.NoBody {
		return io.NopCloser(strings.NewReader(""))
	}
	return body
}

// ownPath is a Location as the front's callers see it: without the emulator's
// address and the path of the API behind it.
func ownPath(location string, target *url.URL) string {
	location = strings.TrimPrefix(location, target.Scheme+"://"+target.Host)
	return strings.TrimPrefix(location, target.Path)
}

func unanswered(detail string) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, _ *http.Request, _ error) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprintf(w, `{"type":"urn:invochain:problem:bad_gateway","title":"Bad Gateway","status":502,`+
			`"code":"bad_gateway","detail":%q,"request_id":"-","retryable":true}`, detail)
	}
}
