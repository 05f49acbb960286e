package resilience

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is a sequence of delays with full jitter: each is drawn between zero and a
// bound that doubles from First up to Last.
type Backoff struct {
	First, Last time.Duration
	bound       time.Duration
}

// Next returns the next delay of the sequence.
func (b *Backoff) Next() time.Duration {
	b.bound = min(max(2*b.bound, b.First), b.Last)
	return rand.N(b.bound) + 1 //nolint:gosec // jitter is no secret
}

// Wait sleeps for the next delay of the sequence. It returns ctx's error as soon as ctx
// ends.
func (b *Backoff) Wait(ctx context.Context) error { return Sleep(ctx, b.Next()) }

// Sleep waits for d. It returns ctx's error as soon as ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
