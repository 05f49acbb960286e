package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client speaks to the API, each request once.
type client struct {
	url   string
	http  *http.Client
	began time.Time
	limit time.Duration // of a request
}

func newClient(base string, limit time.Duration) *client {
	return &client{
		url: strings.TrimSuffix(base, "/"), began: time.Now(), limit: limit,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 20 * time.Second}},
	}
}

func (c *client) now() int64 { return time.Since(c.began).Nanoseconds() }

// do sends what op asks for and completes op with the outcome.
func (c *client) do(ctx context.Context, op Op) Op {
	method, path, body := op.request()
	key := op.Key
	if op.Kind != Create {
		key = ""
	}
	limit := c.limit
	if op.Patience > 0 {
		limit = op.Patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	op.Call = c.now()
	status, header, answer, err := c.send(ctx, method, path, key, body)
	op.Return = c.now()
	op.Outcome = outcome(op.Kind, status, header, answer)
	if err != nil {
		op.Outcome = Outcome{Error: cause(err)}
	}
	return op
}

// unrepeatable hides what a body is made of. net/http sends a request that carries
// an Idempotency-Key a second time when its connection breaks, if it can read the
// body again; then the one who counts would not know.
type unrepeatable struct{ io.Reader }

func (c *client) send(ctx context.Context, method, path, key string, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	if method != http.MethodGet {
		req.Body, req.ContentLength = io.NopCloser(unrepeatable{bytes.NewReader(body)}), int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, answer, err
}

func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "gave up waiting"
	}
	return "the connection broke"
}

// must sends a request that prepares or ends a run, and expects a 200.
func (c *client) must(ctx context.Context, method, path string, body any, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	status, _, got, err := c.send(ctx, method, path, "", sent)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, status, got)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(got, into)
}
