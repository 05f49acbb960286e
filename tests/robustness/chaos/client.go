package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

// answer to one attempt.
type answer struct {
	stack.Attempt
	code string // of a problem document
}

func (a answer) replayed() bool { return a.Header.Get("X-Idempotent-Replayed") == "true" }

// client sends as a good integrator's software does.
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

// again tells whether the same key is to be sent once more: nobody answered, the server
// failed, or it said when to come back.
func (a answer) again() bool { return a.Status == 0 || a.Status >= 500 || a.After > 0 }

// wait before the next attempt: what was advised, else ever longer; and up to a half more,
// so that those who were refused together do not come back together.
func (a answer) wait(attempts int) time.Duration {
	d := a.After
	if d == 0 {
		d = min(8*time.Second, 500*time.Millisecond<<min(attempts, 5))
	}
	return d + rand.N(d/2)
}
