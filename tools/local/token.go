package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokenTimeout is how long the API may take to issue a token; a function that starts is slow.
const tokenTimeout = 15 * time.Second

// accessToken is a token of the API and the time until which it is used.
type accessToken struct {
	text  string
	until time.Time
}

// session keeps the token of one client. It asks for another one a minute before the end of the
// last, once for all callers that wait for it.
type session struct {
	fetch func(context.Context) (accessToken, error)
	now   func() time.Time

	mu      sync.Mutex
	kept    accessToken
	fetched *fetching // the fetch in progress; nil if there is none
}

// fetching is a fetch in progress. Its result may be read once done is closed.
type fetching struct {
	done  chan struct{}
	token accessToken
	err   error
}

// token returns a token that is valid for another minute. A failure is not remembered.
func (s *session) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	if s.now().Before(s.kept.until) {
		defer s.mu.Unlock()
		return s.kept.text, nil
	}
	f := s.fetched
	if f == nil {
		f = &fetching{done: make(chan struct{})}
		s.fetched = f
		go s.run(context.WithoutCancel(ctx), f) // others wait for it too
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.token.text, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *session) run(ctx context.Context, f *fetching) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	f.token, f.err = s.fetch(ctx)
	s.mu.Lock()
	s.kept, s.fetched = f.token, nil
	s.mu.Unlock()
	close(f.done)
}

// owns reports whether an Authorization header has the session's token.
func (s *session) owns(authorization string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.text != "" && authorization == bearer(s.kept.text)
}

// forget drops the token of this Authorization header, if it is still the one that is kept.
func (s *session) forget(authorization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if authorization == bearer(s.kept.text) {
		s.kept = accessToken{}
	}
}

// fetchToken asks an API for a token of a client.
func fetchToken(ctx context.Context, api string, c credential) (accessToken, error) {
	if c.id == "" {
		return accessToken{}, fmt.Errorf("%s has no such client", clientsFile)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, api+"/oauth/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return accessToken{}, err
	}
	req.SetBasicAuth(c.id, c.secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked := time.Now().Round(0) // the wall clock, which also counts while the machine sleeps
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return accessToken{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return accessToken{}, err
	}
	return readToken(resp.Status, body, asked)
}

// readToken reads the answer to a request for a token.
func readToken(status string, body []byte, asked time.Time) (accessToken, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"` // seconds
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return accessToken{}, fmt.Errorf("POST /oauth/token answered %s %s %s", status, answer.Error, answer.Description)
	}
	life := time.Duration(answer.ExpiresIn)*time.Second - time.Minute
	return accessToken{answer.AccessToken, asked.Add(life)}, nil
}
