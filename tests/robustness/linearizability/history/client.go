package history

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client sends requests to the API without retries.
type client struct {
	url     string
	http    *http.Client
	began   time.Time
	timeout time.Duration // of a request
}

func newClient(base string, timeout time.Duration) *client {
	return &client{
		url: strings.TrimSuffix(base, "/"), began: time.Now(), timeout: timeout,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 20 * time.Second}},
	}
}

func (c *client) now() int64 { return time.Since(c.began).Nanoseconds() }

// do sends op's request and returns op with the outcome.
func (c *client) do(ctx context.Context, op Op) Op {
	method, path, body := op.httpRequest()
	key := op.Key
	if op.Kind != Create {
		key = ""
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(op.Patience, c.timeout))
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

// unrepeatable hides that a body can be read again. net/http would otherwise resend a
// request with an Idempotency-Key when its connection breaks, which the history would not
// record.
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
		return "timeout"
	}
	return "connection error"
}

// must sends a request outside the history and returns an error unless it gets a 200.
func (c *client) must(ctx context.Context, method, path string, body any, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
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
