package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
)

// TestTokensAreLimited: a client that asks for one with each request is refused; another one, and
// an id that was made up, are not.
func TestTokensAreLimited(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ask := func(id string) (int, string) {
		r := f.call(t, f.post(grant, basic(id, f.secret)))
		return r.StatusCode, r.Headers["Retry-After"]
	}
	for range limit.PerClient().Rate.Burst {
		status, _ := ask(f.id)
		require.Equal(t, http.StatusOK, status)
	}
	status, retryAfter := ask(f.id)
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "1", retryAfter)
	for range 2 * limit.PerClient().Rate.Burst {
		status, _ = ask("cl_invented")
		require.Equal(t, http.StatusUnauthorized, status)
	}
}
