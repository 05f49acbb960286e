package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRawRequests sends bytes that no HTTP client would. Whatever is refused is refused with a
// problem document, and has not reached the emulator.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	for name, tc := range rawRequests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, reached := serveRaw(t)
			status, header, body := exchange(t, address, tc.send, strings.HasSuffix(name, "early"))
			require.Equal(t, tc.status, status, body)
			if tc.detail == "" {
				require.Equal(t, tc.reached, <-reached)
				return
			}
			require.Empty(t, reached)
			requireRefusal(t, tc, header, body)
		})
	}
}

func requireRefusal(t *testing.T, tc raw, header http.Header, body string) {
	t.Helper()
	require.Equal(t, "application/problem+json", header.Get("Content-Type"), body)
	var document struct {
		Status       int
		Code, Detail string
		Retryable    bool
	}
	require.NoError(t, json.Unmarshal([]byte(body), &document))
	require.Equal(t, tc.status, document.Status)
	require.Contains(t, []string{"refused_by_gateway", "body_too_large"}, document.Code)
	require.Contains(t, document.Detail, tc.detail)
	require.False(t, document.Retryable)
}

// serveRaw starts the gateway's own server in front of an emulator that notes each request.
func serveRaw(t *testing.T) (address string, reached chan string) {
	t.Helper()
	reached = make(chan string, 9)
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		reached <- fmt.Sprintf("%s %s %d", r.Method, strings.TrimPrefix(r.RequestURI, apiPath), n)
	}))
	t.Cleanup(backend.Close)
	api, err := url.Parse(backend.URL + apiPath)
	require.NoError(t, err)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	collector := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	server := gatewayServer(gateway(api, collector, emulator{maxConcurrent: 2}, signedIn()))
	go func() { _ = server.Serve(problemListener{l}) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String(), reached
}

// exchange sends bytes, and no more after them if end is true. It returns the first response.
func exchange(t *testing.T, address, send string, end bool) (status int, header http.Header, body string) {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp4", address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	go func() {
		_, _ = io.WriteString(c, send)
		if tcp, ok := c.(*net.TCPConn); ok && end {
			_ = tcp.CloseWrite()
		}
	}()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = r.Body.Close() }()
	read, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, r.Header, string(read)
}
