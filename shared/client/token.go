package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// TokenError is a refusal of the token endpoint (RFC 6749, section 5.2).
type TokenError struct {
	Status      int    // of HTTP
	Code        string // error, such as invalid_client; empty if a firewall or gateway refused
	Description string // for people
}

// Error implements error.
func (e *TokenError) Error() string {
	return fmt.Sprintf("get a token: %d %s: %s", e.Status, e.Code, e.Description)
}

const (
	renewBefore  = time.Minute      // before a token ends
	tokenTimeout = 30 * time.Second // of a request for a token
)

// account is a client's credentials with the latest answer to them.
type account struct {
	id, secret string

	mu     sync.Mutex
	latest *grant // nil before the first
}

// grant is an answer of the token endpoint. Its fields may be read once done is closed.
type grant struct {
	done  chan struct{}
	token string
	reply Reply
	err   error
	holds time.Duration // from the sending of the request; until then no other is sent
}

var errNoCredentials = errors.New("get a token: the client has no credentials")

// Token returns an access token that is valid for another minute, for requests that are sent by
// other means. Error: TokenError.
func (c *Client) Token(ctx context.Context) (string, error) {
	if c.account == nil {
		return "", errNoCredentials
	}
	g, _ := c.grant(ctx, "")
	return g.token, g.err
}

// grant returns the latest grant if it holds and its token is not the refused one, else another.
// Concurrent callers share a request, which goes on when the caller that began it gives up. kept
// reports that the grant was there before.
func (c *Client) grant(ctx context.Context, refused string) (g *grant, kept bool) {
	a := c.account
	a.mu.Lock()
	if a.latest == nil || a.latest.over(refused) {
		a.latest = &grant{done: make(chan struct{})}
		go c.request(context.WithoutCancel(ctx), a.latest)
	}
	g = a.latest
	a.mu.Unlock()
	select {
	case <-g.done:
		return g, true
	default:
	}
	select {
	case <-g.done:
		return g, false
	case <-ctx.Done():
		return &grant{err: ctx.Err()}, false
	}
}

// over reports whether a grant was answered and holds no more.
func (g *grant) over(refused string) bool {
	select {
	case <-g.done:
		return time.Since(g.reply.Sent) >= g.holds || g.token != "" && g.token == refused
	default:
		return false
	}
}

// request asks for a token by the method client_secret_basic (RFC 6749, section 2.3.1).
func (c *Client) request(ctx context.Context, g *grant) {
	defer close(g.done)
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	pair := url.QueryEscape(c.account.id) + ":" + url.QueryEscape(c.account.secret)
	r, err := c.send(ctx, http.MethodPost, "/oauth/token", []byte("grant_type=client_credentials"), []string{
		"Content-Type", "application/x-www-form-urlencoded",
		"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)),
	})
	if err != nil {
		g.reply, g.err = r, fmt.Errorf("get a token: %w", err)
		return
	}
	g.read(r)
}

// read reads an answer. A refusal that advises a wait holds for so long.
func (g *grant) read(r Reply) {
	var granted struct {
		Token     string `json:"access_token"`
		ExpiresIn int64  `json:"expires_in"` // seconds
	}
	switch {
	case r.Status != http.StatusOK:
		g.reply, g.holds = r, r.Took+r.RetryAfter()
		g.err = &TokenError{Status: r.Status, Code: r.Field("error"), Description: r.Field("error_description")}
	case json.Unmarshal(r.Body, &granted) != nil || granted.Token == "":
		g.reply, g.err = Reply{Sent: r.Sent, Took: r.Took}, errors.New("get a token: the answer has none")
	default:
		g.reply, g.token, g.holds = r, granted.Token, time.Duration(granted.ExpiresIn)*time.Second-renewBefore
	}
}
