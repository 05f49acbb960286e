package client_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/invochain/invochain/shared/client"
)

// fixture is an API in memory with a token endpoint. Tokens are T1, T2 and so on.
type fixture struct {
	mu      sync.Mutex
	asked   int                // requests for tokens
	refused map[string]bool    // tokens
	slow    time.Duration      // duration of a request for a token
	grant   func() answer      // instead of a token
	calls   []string           // header, key and body of each call
	answer  func(n int) answer // to call n; nil: a 201
}

func (f *fixture) client() *client.Client {
	c := &client.Client{URL: "https://api.test", HTTP: &http.Client{Transport: f}}
	return c.WithCredentials("cl_1", "ics/test+1")
}

// answer is what the API sends. retryAfter is the header; empty for none.
type answer struct {
	status           int
	body, retryAfter string
}

func (a answer) response() *http.Response {
	h := http.Header{}
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body))}
}

// RoundTrip implements http.RoundTripper.
func (f *fixture) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/oauth/token" {
		return f.token(r)
	}
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	authorization := r.Header.Get("Authorization")
	sleep(time.Millisecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, authorization+" "+r.Header.Get("Idempotency-Key")+" "+string(body))
	switch {
	case f.refused[authorization] && r.Method == http.MethodHead:
		return answer{status: 401}.response(), nil
	case f.refused[authorization]:
		return answer{status: 401, body: `{"code":"invalid_token"}`}.response(), nil
	case f.answer != nil:
		return f.answer(len(f.calls)).response(), nil
	default:
		return answer{status: 201}.response(), nil
	}
}

func (f *fixture) token(r *http.Request) (*http.Response, error) {
	id, secret, _ := r.BasicAuth()
	form, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.asked++
	n := f.asked
	f.mu.Unlock()
	select {
	case <-time.After(f.slow):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if f.grant != nil {
		return f.grant().response(), nil
	}
	if id != "cl_1" || secret != "ics%2Ftest%2B1" || string(form) != "grant_type=client_credentials" {
		return answer{status: 401, body: `{"error":"invalid_client"}`}.response(), nil
	}
	body := fmt.Sprintf(`{"access_token":"T%d","token_type":"Bearer","expires_in":900}`, n)
	return answer{status: 200, body: body}.response(), nil
}

// createAtOnce sends n requests concurrently and returns their statuses.
func createAtOnce(t *testing.T, c *client.Client, n int) []int {
	t.Helper()
	statuses := make([]int, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r, _ := c.Create(t.Context(), fmt.Sprint("k", i), []byte("{}"))
			statuses[i] = r.Status
		})
	}
	wg.Wait()
	return statuses
}

// sleep advances the clock of a synctest bubble.
func sleep(d time.Duration) { <-time.After(d) }
