package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/invochain/invochain/tests/stack"
)

// client is one caller's connection: it sends each request once, and tells what came
// of it.
type client struct {
	http *http.Client
	url  string
}

func newClient(url string, connections int) client {
	return client{url: url, http: &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{
		MaxIdleConns: connections, MaxIdleConnsPerHost: connections, DisableCompression: true,
	}}}
}

// once hides that a body can be read again: net/http would send a request that carries
// an Idempotency-Key a second time when its connection breaks.
type once struct{ io.Reader }

// reply of one request; After is what Retry-After said, 0 for nothing.
type reply struct {
	status int
	took   time.Duration
	after  time.Duration
}

func (c client) create(ctx context.Context, body []byte) reply {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/invoices", once{bytes.NewReader(body)})
	if err != nil {
		return reply{}
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", stack.NewKey())
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{took: time.Since(began)}
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	r := reply{status: resp.StatusCode, took: time.Since(began)}
	if err != nil {
		r.status = 0
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		r.after = time.Duration(s) * time.Second
	}
	return r
}

// shed tells an honest refusal from a failure: it says when to come back.
func (r reply) shed() bool {
	return (r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable) && r.after > 0
}
