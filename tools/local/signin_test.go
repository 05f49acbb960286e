package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/tests/contract"
)

// echoAuthorization answers with the Authorization header of a request, or `none`.
func echoAuthorization(w http.ResponseWriter, r *http.Request) {
	if sent, has := r.Header["Authorization"]; has {
		_, _ = io.WriteString(w, strings.Join(sent, ","))
		return
	}
	_, _ = io.WriteString(w, "none")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path string
		header       []string
		want         string
	}{
		"without a token":         {"POST", "/invoices", nil, "Bearer demo"},
		"a list":                  {"GET", "/invoices?merchant_id=m", nil, "Bearer demo"},
		"an unknown route":        {"GET", "/nope", nil, "Bearer demo"},
		"looks public":            {"GET", "/health/../invoices", nil, "Bearer demo"},
		"a wrong token":           {"GET", "/invoices", []string{"Authorization", "Bearer wrong"}, "Bearer wrong"},
		"another scheme":          {"GET", "/invoices", []string{"Authorization", "Basic eA=="}, "Basic eA=="},
		"an empty header":         {"GET", "/invoices", []string{"Authorization", ""}, ""},
		"health":                  {"GET", "/health", nil, "none"},
		"readiness":               {"HEAD", "/health/ready", nil, ""},
		"the description":         {"GET", "/openapi.json", nil, "none"},
		"a request for a token":   {"POST", "/oauth/token", nil, "none"},
		"the keys":                {"GET", "/.well-known/jwks.json", nil, "none"},
		"metadata":                {"GET", "/.well-known/oauth-authorization-server", nil, "none"},
		"another site's page":     {"POST", "/invoices", []string{"Sec-Fetch-Site", "cross-site"}, "none"},
		"an older browser's":      {"POST", "/invoices", []string{"Origin", "https://evil.example"}, "none"},
		"another local program's": {"POST", "/invoices", []string{"Origin", "http://localhost:5173"}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _ := serve(t, echoAuthorization)
			status, _, got := send(t, tc.method, g+tc.path, "", tc.header...)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, tc.want, got)
		})
	}
}

// TestSignInIsForTheGatewaysOwnAddress: the Host names this machine and the gateway's port.
func TestSignInIsForTheGatewaysOwnAddress(t *testing.T) {
	t.Parallel()
	g, _ := serve(t, echoAuthorization)
	_, port, _ := strings.Cut(strings.TrimPrefix(g, "http://"), ":")
	for host, want := range map[string]string{
		"localhost:" + port: "Bearer demo", "127.0.0.1:" + port: "Bearer demo", "[::1]:" + port: "Bearer demo",
		"LOCALHOST:" + port: "Bearer demo",
		"localhost":         "none", "localhost:1": "none", "127.0.0.1": "none", "[::1]": "none",
	} {
		require.Equal(t, want, askAs(t, g, host), host)
	}
	require.Contains(t, askAs(t, g, "evil.example:"+port), "refused_by_gateway")
}

// askAs sends a request with a Host.
func askAs(t *testing.T, url, host string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/invoices", http.NoBody)
	require.NoError(t, err)
	req.Host = host
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// signInWith returns the address of a gateway for an API, which signs in with a session.
func signInWith(t *testing.T, s *session, api http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(signIn(s, api))
	t.Cleanup(server.Close)
	return server.URL
}

func TestSignInWithoutAToken(t *testing.T) {
	t.Parallel()
	fetch := func(context.Context) (accessToken, error) {
		return accessToken{}, errors.New("issue-token is not deployed")
	}
	g := signInWith(t, &session{now: time.Now, fetch: fetch}, echoAuthorization)
	status, header, body := send(t, http.MethodGet, g+"/invoices", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "application/problem+json", header.Get("Content-Type"))
	require.Equal(t, "1", header.Get("Retry-After"))
	require.Contains(t, body, `"code":"temporarily_unavailable"`)
	require.Contains(t, body, "issue-token is not deployed")
	_, _, body = send(t, http.MethodGet, g+"/invoices", "", "Authorization", "Bearer own")
	require.Equal(t, "Bearer own", body, "a caller with a token needs none of the gateway's")
}

func TestSessionFetchesOnceForConcurrentCallers(t *testing.T) {
	t.Parallel()
	var fetched atomic.Int32
	release := make(chan struct{})
	s := &session{now: time.Now, fetch: func(context.Context) (accessToken, error) {
		fetched.Add(1)
		<-release
		return accessToken{"demo", time.Now().Add(time.Minute)}, nil
	}}
	canceled, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := s.token(canceled)
		require.ErrorIs(t, err, context.Canceled)
	})
	require.Eventually(t, func() bool { return fetched.Load() == 1 }, time.Second, time.Millisecond)
	for range 20 {
		wg.Go(func() {
			token, err := s.token(t.Context())
			require.NoError(t, err, "the first caller has gone away")
			require.Equal(t, "demo", token)
		})
	}
	cancel()
	close(release)
	wg.Wait()
	require.EqualValues(t, 1, fetched.Load())
}

func TestSessionRenewsItsToken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fetched, fail := 0, false
	s := &session{now: func() time.Time { return now }, fetch: func(context.Context) (accessToken, error) {
		fetched++
		if fail {
			return accessToken{}, errors.New("away")
		}
		return accessToken{strings.Repeat("t", fetched), now.Add(14 * time.Minute)}, nil
	}}
	require.Equal(t, "t", tokenOf(t, s))
	now = now.Add(14*time.Minute - time.Nanosecond)
	require.Equal(t, "t", tokenOf(t, s))
	now = now.Add(time.Nanosecond)
	fail = true
	_, err := s.token(t.Context())
	require.ErrorContains(t, err, "away")
	fail = false
	require.Equal(t, "ttt", tokenOf(t, s), "a failure is not remembered")
	s.forget("Bearer t")
	require.Equal(t, "ttt", tokenOf(t, s))
	s.forget("Bearer ttt")
	require.Equal(t, "tttt", tokenOf(t, s))
}

func tokenOf(t *testing.T, s *session) string {
	t.Helper()
	token, err := s.token(t.Context())
	require.NoError(t, err)
	return token
}

// TestRefusedTokenIsReplaced: after the withdrawal of its key, the request is sent again with a new
// one, once.
func TestRefusedTokenIsReplaced(t *testing.T) {
	t.Parallel()
	fetched := 0
	s := &session{now: time.Now, fetch: func(context.Context) (accessToken, error) {
		fetched++
		return accessToken{strings.Repeat("t", fetched), time.Now().Add(time.Hour)}, nil
	}}
	var requests atomic.Int32
	var accepted atomic.Value
	accepted.Store("Bearer tt")
	g, _ := serveWith(t, emulator{maxConcurrent: 2}, s, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Authorization") != accepted.Load() || string(body) != "{}" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for _, want := range []int32{2, 3} {
		status, _, _ := send(t, http.MethodPost, g+"/invoices", "{}")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want, requests.Load())
	}
	status, _, _ := send(t, http.MethodGet, g+"/invoices", "", "Authorization", "Bearer wrong")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, 2, fetched, "a caller's own wrong token is no reason for another one")
	accepted.Store("none")
	status, _, _ = send(t, http.MethodPost, g+"/invoices", "{}")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, []int{6, 3}, []int{int(requests.Load()), fetched}, "sent again once")
}

// TestPublicRoutesAreTheDescribedOnes: the gateway signs in for the routes that need a scope.
func TestPublicRoutesAreTheDescribedOnes(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	for _, operation := range doc.Operations() {
		method, path, _ := strings.Cut(operation, " ")
		scope, err := doc.Scope(method, path)
		require.NoError(t, err)
		require.Equal(t, scope == httpapi.Public, isPublic(path), operation)
	}
}
