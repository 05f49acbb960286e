package telemetry

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// What a receiver that is away may cost, in time and in memory.
const (
	sendLimit  = 100 * time.Millisecond // of an invocation that finds it away
	retryAfter = 3 * time.Second        // until it is tried again
	retryLimit = 2 * time.Second        // of such a try, for which nobody waits
	maxKept    = 256                    // batches
	maxBytes   = 4 << 20
)

// batchKey is the header that names a batch: a receiver that has seen it drops it. So a
// batch may be sent again although nobody knows whether it arrived.
const batchKey = "X-Batch-Id"

// spool sends batches in their order, and keeps what could not be sent. While the
// receiver answers, an invocation waits for it, since a frozen process sends nothing.
// Once it does not, no invocation waits until it answers again.
type spool struct {
	endpoint string
	client   *http.Client
	now      func() time.Time

	mu      sync.Mutex
	kept    []batch
	bytes   int
	lost    int
	away    bool      // the last try failed
	next    time.Time // when it may be tried again
	sending bool
}

type batch struct {
	id, path string
	body     []byte
}

func newSpool(endpoint string, now func() time.Time) *spool {
	// Fresh connections: an idle one that died while the process was frozen would cost
	// the invocation after it a try.
	return &spool{endpoint: endpoint, now: now, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}

// keep adds a batch. The oldest give way to it.
func (k *spool) keep(path string, body []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, batch{rand.Text(), path, body})
	k.bytes += len(body)
	for len(k.kept) > maxKept || (k.bytes > maxBytes && len(k.kept) > 1) {
		k.drop()
		k.lost++
	}
}

func (k *spool) drop() {
	k.bytes -= len(k.kept[0].body)
	k.kept = k.kept[1:]
}

// send sends what is kept, now or later. Its error says what is lost for good.
func (k *spool) send(ctx context.Context) error {
	k.mu.Lock()
	away, idle := k.away, !k.sending && (!k.away || !k.now().Before(k.next))
	k.sending = k.sending || idle
	k.mu.Unlock()
	switch {
	case idle && away:
		go k.drain(context.WithoutCancel(ctx), retryLimit)
	case idle:
		k.drain(context.WithoutCancel(ctx), sendLimit)
	}
	return k.loss()
}

func (k *spool) loss() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	lost := k.lost
	if k.lost = 0; lost == 0 {
		return nil
	}
	return fmt.Errorf("%d batches of telemetry are lost: the receiver is away, or refuses them", lost)
}

// drain sends until nothing is kept, or the receiver does not answer.
func (k *spool) drain(ctx context.Context, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		b, more := k.first()
		if !more {
			return
		}
		refused, err := k.post(ctx, b)
		k.settle(b, refused, err)
		if err != nil {
			return
		}
	}
}

// first is the oldest batch; without one the sending is over.
func (k *spool) first() (batch, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept) == 0 {
		k.sending = false
		return batch{}, false
	}
	return k.kept[0], true
}

func (k *spool) settle(b batch, refused bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.away = err != nil
	if k.away {
		k.sending, k.next = false, k.now().Add(retryAfter)
		return
	}
	if refused {
		k.lost++
	}
	if len(k.kept) > 0 && k.kept[0].id == b.id { // it may have given way meanwhile
		k.drop()
	}
}

var errAway = errors.New("the receiver of telemetry does not take it at present")

// post tells a batch that is refused for good, which no try mends, from one to try again.
func (k *spool) post(ctx context.Context, b batch) (refused bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.endpoint+b.path, bytes.NewReader(b.body))
	if err != nil {
		return true, nil // an address that cannot be one
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set(batchKey, b.id)
	resp, err := k.client.Do(r)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError {
		return false, errAway
	}
	return resp.StatusCode >= http.StatusBadRequest, nil
}
