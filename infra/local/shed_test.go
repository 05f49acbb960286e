package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatIsOverTheBoundIsShed(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(shed(2, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside <- struct{}{}
		<-leave
	})))
	t.Cleanup(server.Close)
	answers := make(chan int, 2)
	for range 2 {
		go func() {
			resp, err := http.Get(server.URL) //nolint:noctx // ends with the server
			if err == nil {
				answers <- resp.StatusCode
				_ = resp.Body.Close()
			}
		}()
		<-inside
	}
	status, head, body := send(t, http.MethodPost, server.URL, "{}")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, "1", head.Get("Retry-After"))
	require.Equal(t, "application/problem+json", head.Get("Content-Type"))
	require.Contains(t, body, `"retryable":true`)

	leave <- struct{}{}
	require.Equal(t, http.StatusOK, <-answers)
	go func() {
		<-inside
		leave <- struct{}{}
		leave <- struct{}{}
	}()
	status, _, _ = send(t, http.MethodPost, server.URL, "{}")
	require.Equal(t, http.StatusOK, status, "a place that was left is taken again")
	require.Equal(t, http.StatusOK, <-answers)
}
