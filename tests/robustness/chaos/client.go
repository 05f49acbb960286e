package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

// answer is the response to one attempt.
type answer struct {
	stack.Attempt
	code string // of a problem document
}

func (a answer) replayed() bool { return a.Header.Get("X-Idempotent-Replayed") == "true" }

// client sends requests as the API's documentation advises.
type client struct{ stack.Sender }

func newClient(url string) client { return client{stack.NewSender(url, 256)} }

// send makes one attempt.
func (c client) send(ctx context.Context, key string, body []byte) answer {
	a := c.Create(ctx, key, body)
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.Body, &problem)
	return answer{a, problem.Code}
}

// retryable reports whether a client sends the request again with its key: without a
// response, after a 5xx, or with a Retry-After.
func (a answer) retryable() bool { return a.Status == 0 || a.Status >= 500 || a.After > 0 }

// backoff returns the delay before the next attempt: Retry-After, or else exponential up to
// 8 s. Jitter of up to a half spreads clients that were refused together.
func (a answer) backoff(attempts int) time.Duration {
	d := a.After
	if d == 0 {
		d = min(8*time.Second, 500*time.Millisecond<<min(attempts, 5))
	}
	return d + rand.N(d/2)
}
