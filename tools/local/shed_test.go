package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatIsOverTheBoundIsShed(t *testing.T) {
	inside, leave := make(chan struct{}, 9), make(chan struct{})
	arrived := make(chan struct{}, 9)
	handler := shed(1, 1, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside <- struct{}{}
		<-leave
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	answers := make(chan int, 2)
	for range 2 {
		go func() {
			status, _, _ := send(t, http.MethodPost, server.URL, "{}")
			answers <- status
		}()
		<-arrived
	}
	var refused http.Header
	require.Eventually(t, func() bool { // the second may not have its place yet
		client := http.Client{Timeout: time.Second}
		resp, err := client.Post(server.URL, "", http.NoBody) //nolint:noctx // has its own limit
		if err != nil {
			return false
		}
		refused = resp.Header
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusTooManyRequests
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, "1", refused.Get("Retry-After"))
	require.Equal(t, "application/problem+json", refused.Get("Content-Type"))
	require.Len(t, inside, 1, "one is passed on, one waits")
	for range 2 {
		leave <- struct{}{}
		require.Equal(t, http.StatusOK, <-answers)
	}
}
