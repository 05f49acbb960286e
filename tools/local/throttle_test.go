package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRequestsOverTheLimitAreRejected(t *testing.T) {
	t.Parallel()
	inProgress, finish := make(chan struct{}, 9), make(chan struct{})
	arrived := make(chan struct{}, 9)
	handler := throttle(1, 1, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inProgress <- struct{}{}
		<-finish
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	statuses := make(chan int, 2)
	for range 2 {
		go func() {
			status, _, _ := send(t, http.MethodPost, server.URL, "{}")
			statuses <- status
		}()
		<-arrived
	}
	rejected := sendUntilRejected(t, server.URL)
	require.Equal(t, "1", rejected.Get("Retry-After"))
	require.Equal(t, "application/problem+json", rejected.Get("Content-Type"))
	require.Len(t, inProgress, 1, "one request is passed on, one is queued")
	for range 2 {
		finish <- struct{}{}
		require.Equal(t, http.StatusOK, <-statuses)
	}
}

// sendUntilRejected sends requests until the second one of the test is queued, and returns
// the header of the rejection.
func sendUntilRejected(t *testing.T, url string) (header http.Header) {
	t.Helper()
	require.Eventually(t, func() bool {
		client := http.Client{Timeout: time.Second}
		resp, err := client.Post(url, "", http.NoBody) //nolint:noctx // the client has a timeout
		if err != nil {
			return false
		}
		header = resp.Header
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusTooManyRequests
	}, 10*time.Second, 10*time.Millisecond)
	return header
}
