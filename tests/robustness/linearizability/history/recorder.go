package history

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/client"
)

// recorder sends requests to the API, without retries, and records their times.
type recorder struct {
	api     *client.Client
	began   time.Time
	timeout time.Duration // of a request
}

// maxConnections is more than the concurrent clients of a run.
const maxConnections = 64

func newRecorder(url string, timeout time.Duration) *recorder {
	return &recorder{api: client.New(url, maxConnections, 0), began: time.Now(), timeout: timeout}
}

func (r *recorder) now() int64 { return time.Since(r.began).Nanoseconds() }

// do sends op's request and returns op with the outcome.
func (r *recorder) do(ctx context.Context, op Op) Op {
	method, path, body := op.httpRequest()
	key := op.Key
	if op.Kind != Create {
		key = ""
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(op.Patience, r.timeout))
	defer cancel()
	op.Call = r.now()
	reply, err := r.send(ctx, method, path, key, body)
	op.Return = r.now()
	op.Outcome = outcome(op.Kind, reply.Status, reply.Header, reply.Body)
	if err != nil {
		op.Outcome = Outcome{Error: cause(err)}
	}
	return op
}

func (r *recorder) send(ctx context.Context, method, path, key string, body []byte) (client.Reply, error) {
	var header []string
	if method != http.MethodGet {
		header = append(header, "Content-Type", "application/json")
	}
	if key != "" {
		header = append(header, "Idempotency-Key", key)
	}
	return r.api.Call(ctx, method, path, body, header...)
}

func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "connection error"
}

// must sends a request outside the history and returns an error unless it gets a 200.
func (r *recorder) must(ctx context.Context, method, path string, body any, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	reply, err := r.send(ctx, method, path, "", sent)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if reply.Status != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, reply.Status, reply.Body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(reply.Body, into)
}
