package main

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/client"
)

// answer is the reply to one attempt.
type answer struct {
	client.Reply
	code string // of a problem document
}

func (a answer) replayed() bool { return a.Header.Get("X-Idempotent-Replayed") == "true" }

// maxConnections is more than the concurrent clients of an experiment.
const maxConnections = 256

func newClient(url string) *client.Client { return client.New(url, maxConnections, 40*time.Second) }

// send makes one attempt. An error is an answer with status 0.
func send(ctx context.Context, c *client.Client, key string, body []byte) answer {
	r, _ := c.Create(ctx, key, body)
	return answer{r, r.Field("code")}
}
