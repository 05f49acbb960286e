package dynamo

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/resilience"
)

// Bounds of the attempts at a write that meets a transaction. A transaction holds its items for
// some tens of milliseconds; the pauses of all attempts add up to 0.4 s on average, and to
// 0.8 s at most.
const (
	maxAttempts = 8
	firstPause  = 20 * time.Millisecond
	lastPause   = 160 * time.Millisecond
)

// retryConflicts sends a write until it meets no transaction. It returns the last result when
// the attempts are used up or ctx ends.
func retryConflicts(ctx context.Context, send func() error) error {
	pause := resilience.Backoff{First: firstPause, Last: lastPause}
	for attempt := 1; ; attempt++ {
		err := send()
		if !Conflicted(err) || attempt == maxAttempts || pause.Wait(ctx) != nil {
			return err
		}
	}
}
