package history

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/client"
)

// recorder sends requests to the API, without retries, and records their times.
type recorder struct {
	pool    *http.Client
	clients map[string]*client.Client // by merchant
	began   time.Time
	timeout time.Duration // of a request
}

// maxConnections is more than the concurrent clients of a run.
const maxConnections = 64

func newRecorder(timeout time.Duration) *recorder {
	return &recorder{
		pool: client.New("", maxConnections, 0).HTTP, clients: map[string]*client.Client{},
		began: time.Now(), timeout: timeout,
	}
}

// add makes a merchant's requests go through its client, over the pool of the run.
func (r *recorder) add(merchant string, c *client.Client) {
	over := *c
	over.HTTP = r.pool
	r.clients[merchant] = &over
}

func (r *recorder) now() int64 { return time.Since(r.began).Nanoseconds() }

// do sends op's request and returns op with the outcome.
func (r *recorder) do(ctx context.Context, op Op) Op {
	method, path, body := op.httpRequest()
	key := op.Key
	if !op.keyed() {
		key = ""
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(op.Patience, r.timeout))
	defer cancel()
	op.Call = r.now()
	reply, err := r.send(ctx, op.Merchant, method, path, key, body)
	op.Return = r.now()
	op.Outcome = outcome(op.Kind, reply.Status, reply.Header, reply.Body)
	if err != nil {
		op.Outcome = Outcome{Error: cause(err)}
	}
	return op
}

func (r *recorder) send(ctx context.Context, merchant, method, path, key string, body []byte) (client.Reply, error) {
	var header []string
	if method != http.MethodGet {
		header = append(header, "Content-Type", "application/json")
	}
	if key != "" {
		header = append(header, "Idempotency-Key", key)
	}
	return r.clients[merchant].Call(ctx, method, path, body, header...)
}

func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "connection error"
}

// get reads a merchant's page outside the history.
func (r *recorder) get(ctx context.Context, merchant, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return r.clients[merchant].Get(ctx, path, into)
}
