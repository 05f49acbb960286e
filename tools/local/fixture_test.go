package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

// setup returns a stack on MiniStack in folders of the test's own. Nothing of it runs.
func setup(t *testing.T) *stack {
	t.Helper()
	return newStack(t.TempDir(), t.TempDir(), t.TempDir(), 0, miniStack())
}

// startSleep starts a program that does nothing in place of one of the stack's programs.
func startSleep(t *testing.T, s *stack, name string) {
	t.Helper()
	require.NoError(t, s.start(t.Context(), process.Program{Name: name, Port: 1, Command: []string{"sleep", "60"}}))
	t.Cleanup(func() { _, _ = s.programs.Stop(t.Context(), name) })
}

const apiPath = "/restapis/abc/v1/_user_request_"

// serve starts a gateway for a handler that stands for the emulator. No collector runs.
func serve(t *testing.T, handle http.HandlerFunc) (gatewayURL, emulatorURL string) {
	t.Helper()
	return serveAs(t, emulator{maxConcurrent: 2}, handle)
}

// serveAs starts a gateway for a handler that stands for emulator e.
func serveAs(t *testing.T, e emulator, handle http.HandlerFunc) (gatewayURL, emulatorURL string) {
	t.Helper()
	return serveWith(t, e, signedIn(), handle)
}

// serveWith starts a gateway with a session for a handler that stands for emulator e.
func serveWith(t *testing.T, e emulator, s *session, handle http.HandlerFunc) (gatewayURL, emulatorURL string) {
	t.Helper()
	backend := httptest.NewServer(handle)
	t.Cleanup(backend.Close)
	api, err := url.Parse(backend.URL + apiPath)
	require.NoError(t, err)
	server := httptest.NewServer(gateway(api, &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, e, s))
	t.Cleanup(server.Close)
	return server.URL, backend.URL
}

// signedIn returns a session that always has the token `demo`.
func signedIn() *session {
	return &session{now: time.Now, fetch: func(context.Context) (accessToken, error) {
		return accessToken{"demo", time.Now().Add(time.Minute)}, nil
	}}
}

// send sends a request with header fields as pairs of name and value, and returns the response.
func send(
	t *testing.T, method, url, body string, header ...string,
) (status int, received http.Header, answer string) {
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
