package stack

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Sender sends requests for invoices, each once, on connections that it keeps.
type Sender struct {
	HTTP *http.Client
	URL  string
}

// NewSender keeps so many connections, and waits 40 s for an answer.
func NewSender(url string, connections int) Sender {
	return Sender{URL: url, HTTP: &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{
		MaxIdleConns: connections, MaxIdleConnsPerHost: connections, DisableCompression: true,
	}}}
}

// once hides that a body can be read again: net/http would send a request that carries
// an Idempotency-Key a second time when its connection breaks.
type once struct{ io.Reader }

// Attempt is what came of one request.
type Attempt struct {
	At     time.Time
	Took   time.Duration
	Status int           // 0 without a whole answer
	After  time.Duration // that Retry-After advises; 0 for none
	Header http.Header
	Body   []byte
}

// Create posts an invoice request under a key.
func (s Sender) Create(ctx context.Context, key string, body []byte) Attempt {
	a := Attempt{At: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/invoices", once{bytes.NewReader(body)})
	if err != nil {
		return a
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := s.HTTP.Do(req)
	if err == nil {
		a.Header = resp.Header
		a.Body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if a.Took = time.Since(a.At); err != nil {
		return a
	}
	a.Status = resp.StatusCode
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		a.After = time.Duration(s) * time.Second
	}
	return a
}
