package client

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Reply is an answer of the API. Status 0 means that no whole answer was received.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Sent   time.Time     // when the request was sent
	Took   time.Duration // until the whole answer, or the error
}

// Field returns a member of the JSON answer as text; empty if absent.
func (r Reply) Field(name string) string {
	var object map[string]any
	if json.Unmarshal(r.Body, &object) != nil || object[name] == nil {
		return ""
	}
	return fmt.Sprint(object[name])
}

// RetryAfter returns the wait that the answer advises, at most a day; 0 for none.
func (r Reply) RetryAfter() time.Duration {
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
}

// ShouldRetry reports whether to send the same request again with the same key: there was
// no answer, the server failed, or a refusal advises a wait. A refusal that could succeed later
// but advises no wait, such as out_of_stock, is not retried.
func (r Reply) ShouldRetry() bool {
	return r.Status == 0 || r.Status >= http.StatusInternalServerError ||
		r.Status >= http.StatusBadRequest && r.RetryAfter() > 0
}

// refusesToken reports whether the API refused the request's token. The answer to HEAD has no
// body that says so.
func (r Reply) refusesToken() bool {
	return r.Status == http.StatusUnauthorized && (len(r.Body) == 0 || r.Field("code") == "invalid_token")
}

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 8 * time.Second
)

// Backoff returns the wait after attempt n (from 1): what the answer advises, otherwise
// exponential from 0.5 s to 8 s; plus up to half of it at random, so that clients that
// were refused together do not return together.
func (r Reply) Backoff(n int) time.Duration {
	wait := r.RetryAfter()
	if wait == 0 {
		wait = min(maxBackoff, firstBackoff<<min(max(n-1, 0), 4))
	}
	return wait + rand.N(wait/2) //nolint:gosec // jitter needs no secure source
}
