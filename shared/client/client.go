// Package client calls the InvoChain API. A Client with credentials fetches access tokens and
// keeps them until a minute before they end.
//
// A call sends its request once, except that it sends it once more when the API refuses a token
// that was kept. Issue retries; for other calls the caller does, by Reply.ShouldRetry and
// Reply.Backoff, with the same idempotency key.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Client is a client of one deployment. It may be used concurrently.
type Client struct {
	URL  string // without a trailing slash
	HTTP *http.Client

	account *account // nil: no Authorization is sent
}

// New returns a client that keeps up to connections idle connections and waits up to
// timeout for an answer.
func New(url string, connections int, timeout time.Duration) *Client {
	return &Client{URL: strings.TrimSuffix(url, "/"), HTTP: &http.Client{Timeout: timeout, Transport: &http.Transport{
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     20 * time.Second,
		DisableCompression:  true,
	}}}
}

// WithCredentials returns a client that acts for a client id and secret, over the same transport.
func (c *Client) WithCredentials(id, secret string) *Client {
	return &Client{URL: c.URL, HTTP: c.HTTP, account: &account{id: id, secret: secret}}
}

// NewKey returns a new idempotency key: a random UUID (version 4, RFC 9562).
func NewKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// singleUse hides that a body can be read again. Otherwise net/http sends a request with
// an Idempotency-Key a second time when its connection breaks, and the caller does not
// learn of it.
type singleUse struct{ io.Reader }

// Call sends a request. header holds names and values in turn. If no token can be got, the reply
// is that of the token endpoint, so that its ShouldRetry holds for the call. Error: TokenError.
func (c *Client) Call(ctx context.Context, method, path string, body []byte, header ...string) (Reply, error) {
	if c.account == nil {
		return c.send(ctx, method, path, body, header)
	}
	g, kept := c.grant(ctx, "")
	r, err := c.sendBy(ctx, g, method, path, body, header)
	if kept && err == nil && r.refusesToken() {
		g, _ = c.grant(ctx, g.token)
		r, err = c.sendBy(ctx, g, method, path, body, header)
	}
	return r, err
}

func (c *Client) sendBy(
	ctx context.Context, g *grant, method, path string, body []byte, header []string,
) (Reply, error) {
	if g.err != nil {
		return g.reply, g.err
	}
	return c.send(ctx, method, path, body, slices.Concat(header, []string{"Authorization", "Bearer " + g.token}))
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, header []string) (Reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, http.NoBody)
	if err != nil {
		return Reply{}, err
	}
	if len(body) > 0 {
		req.Body, req.ContentLength = io.NopCloser(singleUse{bytes.NewReader(body)}), int64(len(body))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	sent := time.Now() //nolint:forbidigo // only measures the call
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return Reply{Sent: sent, Took: time.Since(sent)}, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return Reply{Sent: sent, Took: time.Since(sent)}, err
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: answer, Sent: sent, Took: time.Since(sent)}, nil
}

// Create posts an invoice request under an idempotency key, once; Issue retries it.
func (c *Client) Create(ctx context.Context, key string, body []byte) (Reply, error) {
	return c.Call(ctx, http.MethodPost, "/invoices", body, "Content-Type", "application/json", "Idempotency-Key", key)
}

// Get decodes the answer of a path into v. Any status but 200 is an error.
func (c *Client) Get(ctx context.Context, path string, v any) error {
	r, err := c.Call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if r.Status != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, r.Status, r.Body)
	}
	return json.Unmarshal(r.Body, v)
}

// Put sends v as JSON. Any status but 200 is an error.
func (c *Client) Put(ctx context.Context, path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r, err := c.Call(ctx, http.MethodPut, path, body, "Content-Type", "application/json")
	if err == nil && r.Status != http.StatusOK {
		err = fmt.Errorf("PUT %s: %d %s", path, r.Status, r.Body)
	}
	return err
}
