package conflict

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/invochain/invochain/shared/resilience"
)

// Transport applies the rule to the requests that it passes on to one DynamoDB. All clients of
// that DynamoDB share it.
type Transport struct {
	Next http.RoundTripper
	// Before is how long a transaction holds its items until it takes effect, After how long
	// from then to its response. The call to Next adds to the two.
	Before, After time.Duration
	// Units is how many write units a second the items of one partition key get, such as
	// PartitionUnits; 0 for any number.
	Units int

	rule      Rule
	throttle  throttle
	conflicts atomic.Int64
	throttled atomic.Int64
}

// Conflicts returns the number of writes that were refused.
func (t *Transport) Conflicts() int64 { return t.conflicts.Load() }

// Throttled returns the number of writes that were refused because their partition was too busy.
func (t *Transport) Throttled() int64 { return t.throttled.Load() }

// Held returns the number of items that transactions hold now.
func (t *Transport) Held() int { return t.rule.count() }

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	keys, transaction, err := keysOf(operation, body)
	if err != nil {
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	if over, throttled := t.spend(keys, transaction); throttled {
		t.throttled.Add(1)
		return respond(r, throttling(over, transaction)), nil
	}
	switch {
	case transaction:
		return t.transact(sent, keys)
	case len(keys) > 0 && t.rule.Held(keys[0]):
		return t.refuse(r, Exception()), nil
	default:
		return t.Next.RoundTrip(sent)
	}
}

// spend takes the write units of a write.
func (t *Transport) spend(keys []Key, transaction bool) (over []bool, throttled bool) {
	if t.Units == 0 {
		return nil, false
	}
	each := 1
	if transaction {
		each = 2
	}
	return t.throttle.spend(keys, each, t.Units, time.Now()) //nolint:forbidigo // seconds of the server
}

// outcome is the result of a round trip.
type outcome struct {
	response *http.Response
	err      error
}

// transact executes a transaction. As on a server, it takes effect although its caller stops
// waiting.
func (t *Transport) transact(r *http.Request, keys []Key) (*http.Response, error) {
	release, conflicts := t.rule.Hold(keys)
	if release == nil {
		return t.refuse(r, Cancellation(conflicts)), nil
	}
	ctx := context.WithoutCancel(r.Context())
	done := make(chan outcome, 1)
	go func() {
		_ = resilience.Sleep(ctx, t.Before)
		result := t.land(r.WithContext(ctx))
		_ = resilience.Sleep(ctx, t.After)
		release()
		done <- result
	}()
	select {
	case result := <-done:
		return result.response, result.err
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// land sends a request and reads its whole response, which may have no reader.
func (t *Transport) land(r *http.Request) outcome {
	response, err := t.Next.RoundTrip(r)
	if err != nil {
		return outcome{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return outcome{response, err}
}

func (t *Transport) refuse(r *http.Request, body []byte) *http.Response {
	t.conflicts.Add(1)
	return respond(r, body)
}

func respond(r *http.Request, body []byte) *http.Response {
	return &http.Response{
		Status: "400 Bad Request", StatusCode: http.StatusBadRequest, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}
}
