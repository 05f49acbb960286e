package lock

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/shared/resilience"
)

// Bounds of a wait between two attempts at a held lock.
const (
	longestWait  = 200 * time.Millisecond
	shortestWait = 20 * time.Millisecond
)

// releaseWithin bounds a release, which must happen even though the caller's time
// is up.
const releaseWithin = time.Second

// WithLock runs do while it holds the lock, renews the lease meanwhile, and
// releases it. It waits for the lock for at most patience; with 0 it tries once.
// do's context ends with ErrLost as its cause when the lease is lost, but the
// guard is the fence: do writes on the condition of it. Errors: *HeldError, what
// do returned, ErrLost when that is why do ended.
func (s *Store) WithLock(ctx context.Context, name string, patience time.Duration, do func(context.Context, Lease) error) error {
	l, err := s.Wait(ctx, name, patience)
	if err != nil {
		return err
	}
	held, stop := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		stop(s.renewLoop(held, l))
	}()
	err = do(held, l)
	if err != nil && errors.Is(context.Cause(held), ErrLost) {
		err = ErrLost
	}
	stop(nil)
	<-renewed
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	if released := s.Release(end, l); err == nil && !errors.Is(released, ErrLost) {
		err = released
	}
	return err
}

// Wait acquires the lock, trying for at most patience. Who has waited longer tries
// more often, so that newcomers do not overtake for ever. Errors: *HeldError once
// patience is over, ctx's error.
func (s *Store) Wait(ctx context.Context, name string, patience time.Duration) (Lease, error) {
	giveUp := s.now().Add(patience)
	bound := longestWait
	for {
		l, err := s.Acquire(ctx, name)
		held, isHeld := errors.AsType[*HeldError](err)
		if !isHeld {
			return l, err
		}
		left := giveUp.Sub(s.now())
		if left <= 0 {
			return Lease{}, err
		}
		pause := rand.N(bound) + 1 //nolint:gosec // jitter is no secret
		pause = min(pause, left, max(held.Until.Sub(s.now()), time.Millisecond))
		if err := resilience.Sleep(ctx, pause); err != nil {
			return Lease{}, err
		}
		bound = max(bound*3/4, shortestWait)
	}
}

// renewLoop renews the lease at a third of its length until ctx ends, and says why it
// ended otherwise: ErrLost.
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
