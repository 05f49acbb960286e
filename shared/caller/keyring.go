package caller

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// How old knowledge may be, and how long a read of it may take.
const (
	fresh       = time.Minute      // older knowledge is read again, concurrently with the request
	stale       = 5 * time.Minute  // older knowledge is not used
	lookupEvery = 10 * time.Second // an unknown key makes a verifier read again at most this often
	readTimeout = 2 * time.Second
)

// keyring remembers what was read last.
type keyring struct {
	load func(context.Context) (Known, error)
	now  func() time.Time

	mu       sync.Mutex
	known    Known
	reading  *read     // in progress; nil if there is none
	lookedUp time.Time // when an unknown key was last looked up
}

type read struct {
	done chan struct{}
	err  error // valid once done is closed
}

// current returns what is known. It waits for a read only if that is stale. Error:
// ErrUnavailable.
func (r *keyring) current(ctx context.Context) (Known, error) {
	known, age := r.latest()
	if age < fresh {
		return known, nil
	}
	if age < stale {
		r.start(ctx)
		return known, nil
	}
	return r.reread(ctx)
}

func (r *keyring) latest() (Known, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known, r.now().Sub(r.known.At)
}

// running returns the read that is in progress; nil if there is none.
func (r *keyring) running() *read {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reading
}

// reread waits for a read. One that another request started may have been frozen with the
// process, so if it fails, or what it read is stale, there is a second.
func (r *keyring) reread(ctx context.Context) (Known, error) {
	var err error
	for range 2 {
		running, own := r.start(ctx)
		select {
		case <-running.done:
		case <-ctx.Done():
			return Known{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
		known, age := r.latest()
		if err = running.err; err == nil && age < stale {
			return known, nil
		}
		if own {
			break
		}
	}
	return Known{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// lookUp reads for a key that is not known, at most once in lookupEvery: tokens with invented
// keys cost no more than that.
func (r *keyring) lookUp(ctx context.Context) (Known, error) {
	r.mu.Lock()
	now := r.now()
	recent := now.Sub(r.lookedUp) < lookupEvery && r.reading == nil // a read in progress may find it
	if !recent {
		r.lookedUp = now
	}
	r.mu.Unlock()
	if recent {
		known, _ := r.latest()
		return known, nil
	}
	return r.reread(ctx)
}

// start starts a read, unless one is in progress; own reports whether it did. The read outlives
// the request.
func (r *keyring) start(ctx context.Context) (running *read, own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading != nil {
		return r.reading, false
	}
	started := &read{done: make(chan struct{})}
	r.reading = started
	go r.run(context.WithoutCancel(ctx), started, r.now())
	return started, true
}

// run dates what it read by the beginning of the read: the process may be frozen during it.
func (r *keyring) run(ctx context.Context, running *read, began time.Time) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	known, err := r.load(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		known.At = began
		r.known = known
	}
	running.err = err
	r.reading = nil
	close(running.done)
}
