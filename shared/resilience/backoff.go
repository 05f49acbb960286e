// Package resilience bounds what a call may cost when what it calls is slow,
// contended or gone.
package resilience

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is a sequence of waits with full jitter: each is drawn from zero up to a
// bound that doubles from First to Last.
type Backoff struct {
	First, Last time.Duration
	bound       time.Duration
}

// Wait waits for the next wait of the sequence, and returns ctx's error as soon
// as ctx ends.
func (b *Backoff) Wait(ctx context.Context) error {
	b.bound = min(max(2*b.bound, b.First), b.Last)
	return Sleep(ctx, rand.N(b.bound)+1) //nolint:gosec // jitter is no secret
}

// Sleep waits for d, and returns ctx's error as soon as ctx ends.
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
