package client

import (
	"context"
	"time"
)

// Issue posts an invoice request and retries it under the same key while Reply.ShouldRetry says
// so, up to a number of attempts. Between them it waits for Reply.Backoff. It returns the last
// answer, and the error of ctx if that ended while it waited. Unless the answer is final, the
// invoice may exist: call again later, with the same key and body.
func (c *Client) Issue(ctx context.Context, key string, body []byte, attempts int) (Reply, error) {
	for n := 1; ; n++ {
		r, err := c.Create(ctx, key, body)
		if !r.ShouldRetry() || n >= attempts {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(r.Backoff(n)):
		}
	}
}
