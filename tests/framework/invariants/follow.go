package invariants

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/invochain/invochain/tests/framework/stack"
)

// follower takes the run's events off the tap while they come: a queue of many thousand
// is slow to look through at the end, and the emulator has to keep it.
type follower struct {
	tap  *stack.Tap
	ours func(merchant string) bool
	stop context.CancelFunc
	done chan struct{}

	mu        sync.Mutex
	published map[string]int  // deliveries, by saga
	ids       map[string]bool // of events
	heard     time.Time       // when something last came, or could not be asked for
	err       error           // of the last look
}

// follow reads the tap every second, until close.
func follow(ctx context.Context, tap *stack.Tap, ours func(merchant string) bool) *follower {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &follower{tap: tap, ours: ours, stop: stop, done: make(chan struct{}), published: map[string]int{}, ids: map[string]bool{}, heard: time.Now()}
	go func() {
		defer close(f.done)
		stack.Every(ctx, time.Second, func() { f.drain(ctx) })
	}()
	return f
}

// drain takes what is there, in full calls: who asks for one event at a time is busy.
func (f *follower) drain(ctx context.Context) {
	for {
		next, err := f.tap.Next(ctx)
		f.mu.Lock()
		if f.err = err; err != nil || len(next) > 0 {
			f.heard = time.Now()
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
	quiet    = 3 * time.Second // after which nothing more is expected
	patience = time.Minute     // for the quiet
)

// all waits until nothing has come for a while, and returns every event of the run: the
// deliveries by saga, and the ids.
func (f *follower) all(ctx context.Context) (map[string]int, map[string]bool, error) {
	var last error
	err := stack.Await(ctx, patience, func() (bool, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		last = f.err
		return f.err == nil && time.Since(f.heard) > quiet, nil
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.published), maps.Clone(f.ids), errors.Join(err, last)
}

// close ends the reading and takes the tap away.
func (f *follower) close(ctx context.Context) {
	f.stop()
	<-f.done
	_ = f.tap.Close(context.WithoutCancel(ctx))
}
