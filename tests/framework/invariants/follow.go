package invariants

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/tests/framework/stack"
)

// follower receives the run's events while they arrive. A queue of many thousand events
// is slow to read at the end, and the emulator keeps it in memory.
type follower struct {
	tap  tap
	ours func(merchant string) bool
	stop context.CancelFunc
	done chan struct{}

	mu        sync.Mutex
	published map[string]int  // deliveries by saga
	ids       map[string]bool // event ids
	active    time.Time       // end of the last read that failed or had events
	empty     time.Time       // start of the last read that found none
	err       error           // of the last read
}

// tap is where events are read, as a stack.Tap.
type tap interface {
	Next(ctx context.Context) ([]events.Event, error)
	Close(ctx context.Context) error
}

// follow reads the tap every second until close.
func follow(ctx context.Context, from tap, ours func(merchant string) bool) *follower {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &follower{
		tap: from, ours: ours, stop: stop, done: make(chan struct{}),
		published: map[string]int{}, ids: map[string]bool{}, active: time.Now(),
	}
	go func() {
		defer close(f.done)
		stack.Every(ctx, time.Second, func() { f.drain(ctx) })
	}()
	return f
}

// drain receives all waiting events, a full batch per call.
func (f *follower) drain(ctx context.Context) {
	for {
		began := time.Now()
		next, err := f.tap.Next(ctx)
		f.mu.Lock()
		if f.err = err; err != nil || len(next) > 0 {
			f.active = time.Now()
		} else {
			f.empty = began
		}
		for _, e := range next {
			if f.ours(e.MerchantID) {
				f.published[e.SagaID]++
				f.ids[e.ID] = true
			}
		}
		f.mu.Unlock()
		if err != nil || len(next) < stack.TapMost {
			return
		}
	}
}

const (
	quietPeriod  = 5 * time.Second // without events, after which no more are expected
	quietTimeout = 2 * time.Minute // for a quietPeriod period to occur
)

// all waits for a read that began a quietPeriod after the last events and found none, and returns
// all events of the run: the deliveries by saga, and the ids. A read that takes long on a loaded
// machine may hold a batch of events, so the time that passes during it proves nothing.
func (f *follower) all(ctx context.Context) (map[string]int, map[string]bool, error) {
	var last error
	err := stack.Await(ctx, quietTimeout, func() (bool, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		last = f.err
		return f.err == nil && f.empty.Sub(f.active) > quietPeriod, nil
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.published), maps.Clone(f.ids), errors.Join(err, last)
}

// close stops reading and deletes the tap.
func (f *follower) close(ctx context.Context) {
	f.stop()
	<-f.done
	_ = f.tap.Close(context.WithoutCancel(ctx))
}
