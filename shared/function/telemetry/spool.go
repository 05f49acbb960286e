package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Bounds on what a receiver that is down may cost, in time and in memory.
const (
	sendTimeout  = 100 * time.Millisecond // of an invocation that finds the receiver down
	retryAfter   = 3 * time.Second        // from a failed attempt to the next one
	retryTimeout = 2 * time.Second        // of an attempt in the background
	maxBatches   = 256
	maxBytes     = 4 << 20
)

// spool sends batches of spans to an OTLP/HTTP receiver in their order, and keeps those
// that could not be sent. While the receiver responds, an invocation waits for it, since a
// frozen process sends nothing. Once the receiver is down, no invocation waits until it
// responds again. A batch may be sent twice; a receiver recognises a span by its id.
type spool struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	batches []*batch
	bytes   int
	lost    int       // batches, since the last report
	down    bool      // the last attempt failed
	retryAt time.Time // if down, the earliest time of the next attempt
	sending bool
}

type batch struct{ body []byte }

func newSpool(url string, now func() time.Time) *spool {
	// No keep-alive: an idle connection that died while the process was frozen would cost
	// the next invocation an attempt.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return &spool{url: url, client: client, now: now}
}

// export adds spans as a batch and sends what is in the spool, now or later. Its error
// reports batches that are lost for good.
func (s *spool) export(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) > 0 {
		body, err := tracesRequest(spans)
		if err != nil {
			return err
		}
		s.push(&batch{body})
	}
	s.send(ctx)
	return s.takeLoss()
}

// push adds a batch. If the spool is full, it removes the oldest ones.
func (s *spool) push(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, b)
	s.bytes += len(b.body)
	for len(s.batches) > maxBatches || (s.bytes > maxBytes && len(s.batches) > 1) {
		s.removeOldest()
		s.lost++
	}
}

func (s *spool) removeOldest() {
	s.bytes -= len(s.batches[0].body)
	s.batches = s.batches[1:]
}

func (s *spool) send(ctx context.Context) {
	s.mu.Lock()
	down, ready := s.down, !s.sending && (!s.down || !s.now().Before(s.retryAt))
	s.sending = s.sending || ready
	s.mu.Unlock()
	switch {
	case ready && down:
		go s.drain(context.WithoutCancel(ctx), retryTimeout)
	case ready:
		s.drain(context.WithoutCancel(ctx), sendTimeout)
	}
}

// drain sends until the spool is empty or an attempt fails.
func (s *spool) drain(ctx context.Context, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for b := s.next(); b != nil; b = s.next() {
		refused, err := s.post(ctx, b)
		s.settle(b, refused, err)
		if err != nil {
			return
		}
	}
}

// next returns the oldest batch. Nil ends the sending: the spool is empty.
func (s *spool) next() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.batches) == 0 {
		s.sending = false
		return nil
	}
	return s.batches[0]
}

func (s *spool) settle(b *batch, refused bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err != nil
	if s.down {
		s.sending, s.retryAt = false, s.now().Add(retryAfter)
		return
	}
	if refused {
		s.lost++
	}
	if len(s.batches) > 0 && s.batches[0] == b { // push may have removed it meanwhile
		s.removeOldest()
	}
}

var errReceiverDown = errors.New("the receiver of spans is unavailable")

// post sends a batch. It returns an error if another attempt may succeed, and refused if
// the receiver will never accept the batch.
func (s *spool) post(ctx context.Context, b *batch) (refused bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(b.body))
	if err != nil {
		return true, nil // no attempt can succeed with this URL
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := s.client.Do(r)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError {
		return false, errReceiverDown
	}
	return resp.StatusCode >= http.StatusBadRequest, nil
}

// takeLoss reports the batches that were lost since the last report.
func (s *spool) takeLoss() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := s.lost
	if s.lost = 0; lost == 0 {
		return nil
	}
	return fmt.Errorf("%d batches of spans were lost: the receiver is unavailable or refused them", lost)
}
