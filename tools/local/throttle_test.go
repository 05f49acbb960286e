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
	handler := throttle(1, 1, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inProgress <- struct{}{}
		<-finish
	}))
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	statuses := make(chan int, 2)
	for range 2 {
		go func() { statuses <- sendUntilPassed(t, server.URL) }()
	}
	<-inProgress
	rejected := sendUntilRejected(t, server.URL)
	require.Equal(t, "1", rejected.Get("Retry-After"))
	require.Equal(t, "application/problem+json", rejected.Get("Content-Type"))
	require.Empty(t, inProgress, "one request is passed on, one is queued")
	close(finish)
	for range 2 {
		require.Equal(t, http.StatusOK, <-statuses)
	}
}

// sendUntilPassed sends a request again while it is rejected: one of sendUntilRejected may be queued
// in its place. It returns the status of the other answer.
func sendUntilPassed(t *testing.T, url string) int {
	t.Helper()
	for {
		status, _, _ := send(t, http.MethodPost, url, "{}")
		if status != http.StatusTooManyRequests {
			return status
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// sendUntilRejected sends requests until the second one of the test is queued, and returns
// the header of the rejection.
func sendUntilRejected(t *testing.T, url string) (header http.Header) {
	t.Helper()
	require.Eventually(t, func() bool {
		client := http.Client{Timeout: 100 * time.Millisecond} // in the queue it gets no answer
		resp, err := client.Post(url, "", http.NoBody)         //nolint:noctx // the client has a timeout
		if err != nil {
			return false
		}
		header = resp.Header
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusTooManyRequests
	}, 10*time.Second, 10*time.Millisecond)
	return header
}
