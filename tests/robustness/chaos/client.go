package main

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/invariants"
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

// merchantClients returns clients of the run's merchants that share one pool of connections.
func merchantClients(ctx context.Context, f *invariants.Fixture) (map[string]*client.Client, error) {
	pool, clients := newClient(f.URL).HTTP, map[string]*client.Client{}
	for n := range invariants.Merchants {
		c, err := f.Over(ctx, pool, f.Merchant(n))
		if err != nil {
			return nil, err
		}
		clients[f.Merchant(n)] = c
	}
	return clients, nil
}

// send makes one attempt. An error is an answer with status 0.
func send(ctx context.Context, c *client.Client, key string, body []byte) answer {
	r, _ := c.Create(ctx, key, body)
	return answer{r, r.Field("code")}
}
