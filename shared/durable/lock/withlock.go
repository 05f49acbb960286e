package lock

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/shared/resilience"
)

// Bounds of the largest pause between two attempts to acquire a held lock.
const (
	maxPoll = 200 * time.Millisecond
	minPoll = 20 * time.Millisecond
)

// releaseTimeout bounds the release, which is sent even if the caller's context has ended.
const releaseTimeout = time.Second

// WithLock runs do while it holds the lock. It renews the lease until do returns or panics and
// then releases the lock. It waits for the lock for at most wait; with 0 it tries once. The
// context of do ends with the cause ErrLost when the lease is lost, but only the fence protects
// the data: do must make its writes conditional on it. Errors: *HeldError, what do returned,
// ErrLost if the lost lease ended do.
func (s *Store) WithLock(
	ctx context.Context, name string, wait time.Duration, do func(context.Context, Lease) error,
) (err error) {
	l, err := s.Wait(ctx, name, wait)
	if err != nil {
		return err
	}
	leased, stop := context.WithCancelCause(ctx)
	renewalEnded := make(chan struct{})
	go func() {
		defer close(renewalEnded)
		stop(s.renewLoop(leased, l))
	}()
	defer func() {
		stop(nil)
		<-renewalEnded
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		if releaseErr := s.Release(release, l); err == nil && !errors.Is(releaseErr, ErrLost) {
			err = releaseErr
		}
	}()
	if err = do(leased, l); err != nil && errors.Is(context.Cause(leased), ErrLost) {
		err = ErrLost
	}
	return err
}

// Wait acquires the lock and retries for at most wait. The pause between attempts shrinks with
// the time waited, so that newcomers do not overtake early waiters for ever. Errors: *HeldError
// after wait, ctx's error.
func (s *Store) Wait(ctx context.Context, name string, wait time.Duration) (Lease, error) {
	deadline := s.now().Add(wait)
	maxPause := maxPoll
	for {
		l, err := s.Acquire(ctx, name)
		held, isHeld := errors.AsType[*HeldError](err)
		if !isHeld {
			return l, err
		}
		left := deadline.Sub(s.now())
		if left <= 0 {
			return Lease{}, err
		}
		pause := rand.N(maxPause) + 1 //nolint:gosec // jitter is no secret
		pause = min(pause, left, max(held.Until.Sub(s.now()), time.Millisecond))
		if err := resilience.Sleep(ctx, pause); err != nil {
			return Lease{}, err
		}
		maxPause = max(maxPause*3/4, minPoll)
	}
}

// renewLoop renews the lease each time a third of it has passed. It returns ErrLost when the
// lease is lost, or ctx's error.
func (s *Store) renewLoop(ctx context.Context, l Lease) error {
	for {
		if err := resilience.Sleep(ctx, max(l.Until.Sub(s.now())/3, time.Millisecond)); err != nil {
			return err
		}
		renewed, err := s.Renew(ctx, l)
		if err == nil {
			l = renewed
		}
		if errors.Is(err, ErrLost) || !l.Until.After(s.now()) {
			return ErrLost
		}
	}
}
