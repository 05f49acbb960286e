package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// answer to one attempt; status is 0 if there was none.
type answer struct {
	at       time.Time
	took     time.Duration
	status   int
	code     string        // of a problem document
	after    time.Duration // that Retry-After advises; 0 for none
	replayed bool
	body     []byte
}

// client sends as a good integrator's software does.
type client struct {
	http *http.Client
	url  string
}

func newClient(url string) client {
	return client{url: url, http: &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{
		MaxIdleConns: 256, MaxIdleConnsPerHost: 256, DisableCompression: true,
	}}}
}

// once hides that a body can be read again: net/http would send a request that carries
// an Idempotency-Key a second time when its connection breaks.
type once struct{ io.Reader }

// send makes one attempt.
func (c client) send(ctx context.Context, key string, body []byte) answer {
	a := answer{at: time.Now()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/invoices", once{bytes.NewReader(body)})
	if err != nil {
		return a
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	resp, err := c.http.Do(req)
	if err == nil {
		a.body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	a.took = time.Since(a.at)
	if err != nil {
		return a
	}
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.body, &problem)
	a.status, a.code, a.replayed = resp.StatusCode, problem.Code, resp.Header.Get("X-Idempotent-Replayed") == "true"
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		a.after = time.Duration(s) * time.Second
	}
	return a
}

// again tells whether the same key is to be sent once more: nobody answered, the server
// failed, or it said when to come back.
func (a answer) again() bool { return a.status == 0 || a.status >= 500 || a.after > 0 }

// wait before the next attempt: what was advised, else ever longer; and up to a half more,
// so that those who were refused together do not come back together.
func (a answer) wait(attempts int) time.Duration {
	d := a.after
	if d == 0 {
		d = min(8*time.Second, 500*time.Millisecond<<min(attempts, 5))
	}
	return d + rand.N(d/2)
}
