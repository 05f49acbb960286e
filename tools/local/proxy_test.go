package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGatewayPassesRequestsOn(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/":                             apiPath + "/",
		"/invoices":                     apiPath + "/invoices",
		"/invoices?merchant_id=m&a=%20": apiPath + "/invoices?merchant_id=m&a=%20",
		"/inventory/a%2Fb":              apiPath + "/inventory/a%2Fb",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			g, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+r.Header.Get("Idempotency-Key")+" "+string(body))
			})
			_, _, got := send(t, http.MethodPost, g+path, "₹", "Idempotency-Key", "k")
			require.Equal(t, "POST "+want+" k ₹", got)
		})
	}
}

// An emulator that decodes the path hands the function what AWS would: the path as it was sent.
func TestGatewayEncodesThePathForAnEmulatorThatDecodesIt(t *testing.T) {
	t.Parallel()
	g, _ := serveAs(t, emulator{maxConcurrent: 2, decodesPaths: true}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path+"?"+r.URL.RawQuery) // decoded once
	})
	for path, want := range map[string]string{
		"/?":                     "/?",
		"/invoices?a=%20":        "/invoices?a=%20",
		"/inventory/A%2FB?m=x":   "/inventory/A%2FB?m=x",
		"/inventory/A%2fB?":      "/inventory/A%2fB?",
		"/inventory/A%252FB?":    "/inventory/A%252FB?",
		"/inventory/a%20b%3F%C3": "/inventory/a%20b%3F%C3?",
		"//inventory?":           "//inventory?",
	} {
		_, _, got := send(t, http.MethodGet, g+path, "")
		require.Equal(t, apiPath+want, got)
	}
}

func TestMetricsComeFromTheCollector(t *testing.T) {
	t.Parallel()
	backend := func(name string) *url.URL {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" "+r.Method+" "+r.RequestURI)
		}))
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		require.NoError(t, err)
		return u
	}
	server := httptest.NewServer(gateway(backend("API"), backend("collector"), emulator{maxConcurrent: 2}, signedIn()))
	t.Cleanup(server.Close)
	for request, want := range map[string]string{
		"GET /metrics": "collector", "POST /metrics": "API", "GET /metrics/x": "API", "GET //metrics": "API",
		"GET /": "API",
	} {
		method, path, _ := strings.Cut(request, " ")
		status, _, got := send(t, method, server.URL+path, "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want+" "+request, got)
	}
}

func TestHeadOfTheMetrics(t *testing.T) {
	t.Parallel()
	collector := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(collector.Close)
	metrics, err := url.Parse(collector.URL)
	require.NoError(t, err)
	nowhere := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	server := httptest.NewServer(gateway(nowhere, metrics, emulator{maxConcurrent: 2}, signedIn()))
	t.Cleanup(server.Close)
	status, _, _ := send(t, http.MethodHead, server.URL+"/metrics", "")
	require.Equal(t, http.StatusNotFound, status, "the collector's")
}

func TestMetricsWithoutACollector(t *testing.T) {
	t.Parallel()
	g, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	status, _, got := send(t, http.MethodGet, g+"/metrics", "")
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, got, "the collector did not answer")
}

func TestPublicLocation(t *testing.T) {
	t.Parallel()
	target := &url.URL{Scheme: "http", Host: "127.0.0.1:4566", Path: apiPath}
	for location, want := range map[string]string{
		"/invoices/1":           "/invoices/1",
		apiPath + "/invoices/1": "/invoices/1",
		"http://127.0.0.1:4566" + apiPath + "/sagas/1": "/sagas/1",
		"https://example.com/invoices/1":               "https://example.com/invoices/1",
	} {
		t.Run(location, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, publicLocation(location, target))
		})
	}
}

func TestGatewayRewritesLocation(t *testing.T) {
	t.Parallel()
	g, emulator := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+apiPath+"/invoices/1")
		w.WriteHeader(http.StatusCreated)
	})
	require.NotEqual(t, g, emulator)
	status, header, _ := send(t, http.MethodPost, g+"/invoices", "{}")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "/invoices/1", header.Get("Location"))
}

// TestGatewaySendsOnce covers connections that break while the emulator has the request and
// may have processed it.
func TestGatewaySendsOnce(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"empty": "", "small": "{}", "large": strings.Repeat("x", 1<<20)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int32
			g, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if r.Method == http.MethodGet {
					return
				}
				posts.Add(1)
				c, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_ = c.Close()
				}
			})
			send(t, http.MethodGet, g+"/health", "") // leaves an idle connection
			status, header, answer := send(t, http.MethodPost, g+"/invoices", body, "Idempotency-Key", "k")
			require.Equal(t, http.StatusBadGateway, status)
			require.Equal(t, "application/problem+json", header.Get("Content-Type"))
			require.JSONEq(t, `{"type":"urn:invochain:problem:bad_gateway","title":"Bad Gateway","status":502,
				"code":"bad_gateway","detail":"the emulator did not answer; see make status","request_id":"-",
				"retryable":true}`, answer)
			require.EqualValues(t, 1, posts.Load())
		})
	}
}

func TestGatewayLimitsConcurrency(t *testing.T) {
	t.Parallel()
	var current, peak atomic.Int32
	g, _ := serve(t, func(http.ResponseWriter, *http.Request) {
		n := current.Add(1)
		defer current.Add(-1)
		for seen := peak.Load(); n > seen && !peak.CompareAndSwap(seen, n); {
			seen = peak.Load()
		}
		time.Sleep(5 * time.Millisecond)
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { send(t, http.MethodGet, g+"/health", "") })
	}
	wg.Wait()
	require.EqualValues(t, 2, peak.Load())
}
