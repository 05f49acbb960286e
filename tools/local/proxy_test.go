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

const apiPath = "/restapis/abc/v1/_user_request_"

// serve starts a front before a handler that stands for the emulator.
func serve(t *testing.T, emulator http.HandlerFunc) (frontURL, emulatorURL string) {
	t.Helper()
	behind := httptest.NewServer(emulator)
	t.Cleanup(behind.Close)
	target, err := url.Parse(behind.URL + apiPath)
	require.NoError(t, err)
	nobody := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	before := httptest.NewServer(front(target, nobody, 2))
	t.Cleanup(before.Close)
	return before.URL, behind.URL
}

// send returns the answer, whose body has been read, and the body.
func send(t *testing.T, method, url, body string, header ...string) (status int, head http.Header, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, string(read)
}

func TestFrontPassesOn(t *testing.T) {
	for path, want := range map[string]string{
		"/":                             apiPath + "/",
		"/invoices":                     apiPath + "/invoices",
		"/invoices?merchant_id=m&a=%20": apiPath + "/invoices?merchant_id=m&a=%20",
		"/inventory/a%2Fb":              apiPath + "/inventory/a%2Fb",
	} {
		t.Run(path, func(t *testing.T) {
			f, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+r.Header.Get("Idempotency-Key")+" "+string(body))
			})
			_, _, got := send(t, http.MethodPost, f+path, "₹", "Idempotency-Key", "k")
			require.Equal(t, "POST "+want+" k ₹", got)
		})
	}
}

func TestMetricsAreTheCollectors(t *testing.T) {
	at := func(name string) *url.URL {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, name+" "+r.Method+" "+r.RequestURI)
		}))
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		require.NoError(t, err)
		return u
	}
	before := httptest.NewServer(front(at("API"), at("collector"), 2))
	t.Cleanup(before.Close)
	for request, want := range map[string]string{
		"GET /metrics": "collector", "POST /metrics": "API", "GET /metrics/x": "API", "GET //metrics": "API", "GET /": "API",
	} {
		method, path, _ := strings.Cut(request, " ")
		status, _, got := send(t, method, before.URL+path, "")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want+" "+request, got)
	}
	f, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	status, _, got := send(t, http.MethodGet, f+"/metrics", "")
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, got, "the collector did not answer")
}

func TestFrontRewritesLocation(t *testing.T) {
	target := &url.URL{Scheme: "http", Host: "127.0.0.1:4566", Path: apiPath}
	for location, want := range map[string]string{
		"/invoices/1":           "/invoices/1",
		apiPath + "/invoices/1": "/invoices/1",
		"http://127.0.0.1:4566" + apiPath + "/sagas/1": "/sagas/1",
		"https://example.com/invoices/1":               "https://example.com/invoices/1",
	} {
		require.Equal(t, want, ownPath(location, target))
	}
	f, emulator := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+apiPath+"/invoices/1")
		w.WriteHeader(http.StatusCreated)
	})
	require.NotEqual(t, f, emulator)
	status, head, _ := send(t, http.MethodPost, f+"/invoices", "{}")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "/invoices/1", head.Get("Location"))
}

// A connection that breaks with the request on it may have done its work.
func TestFrontSendsOnce(t *testing.T) {
	for _, body := range []string{"", "{}", strings.Repeat("x", 1<<20)} {
		var posts atomic.Int32
		f, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
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
		send(t, http.MethodGet, f+"/health", "") // leaves an idle connection
		status, head, _ := send(t, http.MethodPost, f+"/invoices", body, "Idempotency-Key", "k")
		require.Equal(t, http.StatusBadGateway, status)
		require.Equal(t, "application/problem+json", head.Get("Content-Type"))
		require.EqualValues(t, 1, posts.Load(), "body of %d bytes", len(body))
	}
}

func TestFrontPassesOnSoManyAtATime(t *testing.T) {
	var now, most atomic.Int32
	f, _ := serve(t, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); {
			seen = most.Load()
		}
		time.Sleep(5 * time.Millisecond)
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { send(t, http.MethodGet, f+"/health", "") })
	}
	wg.Wait()
	require.EqualValues(t, 2, most.Load())
}
