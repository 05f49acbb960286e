package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// signIn sends a request without an Authorization header on with the token of the demo
// merchant's admin, so that the first curl of a newcomer needs none. It is a convenience of this
// gateway alone: the functions demand a token of each request. Not signed in are requests for
// public routes, requests to another Host or port than the gateway's own, and requests that a
// page of another site makes a browser send.
func signIn(s *session, next http.Handler) http.Handler {
	browser := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, own := r.Header["Authorization"]
		if own || isPublic(r.URL.Path) || !isOwnAddress(r) || browser.Check(r) != nil {
			next.ServeHTTP(w, r)
			return
		}
		token, err := s.token(r.Context())
		if err != nil {
			writeProblem(w, notSignedIn(err))
			return
		}
		r.Header.Set("Authorization", bearer(token))
		next.ServeHTTP(w, r)
	})
}

func bearer(token string) string { return "Bearer " + token }

// isPublic reports whether the API answers a path without a token.
func isPublic(path string) bool {
	public := []string{"/health", "/health/ready", "/metrics", "/openapi.json", "/oauth/token", "/audit/key"}
	return slices.Contains(public, path) || strings.HasPrefix(path, "/.well-known/")
}

// isOwnAddress reports whether the Host of a request is this machine and the port that the
// request came in at.
func isOwnAddress(r *http.Request) bool {
	address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	_, own, err := net.SplitHostPort(address.String())
	_, port, errHost := net.SplitHostPort(r.Host)
	return err == nil && errHost == nil && port == own && isLocal(r.Host)
}

// notSignedIn returns the answer to a request that the gateway has no token for.
func notSignedIn(err error) *problem.Error {
	return &problem.Error{
		Kind: problem.Unavailable, Status: http.StatusServiceUnavailable, Code: "temporarily_unavailable",
		Message: fmt.Sprintf("the gateway got no token for this request without an Authorization header: %v; "+
			"run make up, or send a token of your own", err),
		Retryable: true, RetryAfter: time.Second,
	}
}

// demoAdmin returns the session of the demo merchant's admin, a client of clientsFile. It reads the
// file for each token, because up may create the client after the gateway has started.
func (s *stack) demoAdmin(api string) *session {
	fetch := func(ctx context.Context) (accessToken, error) {
		clients, err := s.readClients()
		if err != nil {
			return accessToken{}, err
		}
		return fetchToken(ctx, api, clients.of(demoAdminRole))
	}
	return &session{fetch: fetch, now: time.Now}
}
