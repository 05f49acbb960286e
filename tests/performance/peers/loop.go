package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// loop runs do in concurrent clients, each of them sequentially, until the window ends. It
// returns the duration of each run in milliseconds. A client stops at its first error.
func loop(
	ctx context.Context, clients int, window time.Duration, do func(ctx context.Context, n int64) error,
) ([]float64, error) {
	end := time.Now().Add(window)
	var next atomic.Int64
	var mu sync.Mutex
	var took []float64
	var failed error
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				began := time.Now()
				err := do(ctx, next.Add(1))
				ms := float64(time.Since(began).Microseconds()) / 1000
				mu.Lock()
				took, failed = append(took, ms), errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return took, errors.Join(failed, ctx.Err())
}
