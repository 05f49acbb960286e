// Package batch combines concurrent calls into one, such as the reads and sends of a
// queue batch.
package batch

import (
	"context"
	"sync"
	"time"
)

// wait is for others that are about to ask.
const wait = 2 * time.Millisecond

// Result to one of those who asked.
type Result[O any] struct {
	Value O
	Err   error
}

// Batcher gathers what is asked within 2 ms, up to a bound, into one call. Who asked waits
// for its own answer, and has its own error.
type Batcher[I, O any] struct {
	most int
	send func(ctx context.Context, asked []I) []Result[O]

	mu   sync.Mutex
	open *call[I, O] // what is being gathered; nil for nothing
}

// call is shared by those who wait for it.
type call[I, O any] struct {
	ctx     context.Context //nolint:containedctx // of those who wait, together
	cancel  context.CancelFunc
	waiting int // who has not turned away
	full    chan struct{}
	done    chan struct{}
	asked   []I
	answers []Result[O]
}

// New returns Calls of at most so many each. send answers for each that asked, in their
// order; its context has the values of the first's, and ends when nobody waits any more.
func New[I, O any](most int, send func(ctx context.Context, asked []I) []Result[O]) *Batcher[I, O] {
	return &Batcher[I, O]{most: most, send: send}
}

// Do asks, and waits for the answer. What was asked may have been done even when Do
// fails: with ctx's error it does not know.
func (c *Batcher[I, O]) Do(ctx context.Context, asked I) (O, error) {
	g, i := c.join(ctx, asked)
	select {
	case <-g.done:
		return g.answers[i].Value, g.answers[i].Err
	case <-ctx.Done():
		c.leave(g)
		var none O
		return none, ctx.Err()
	}
}

// join adds to the open call; the first one opens it.
func (c *Batcher[I, O]) join(ctx context.Context, asked I) (g *call[I, O], i int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // run calls it
		c.open = &call[I, O]{ctx: shared, cancel: cancel, full: make(chan struct{}), done: make(chan struct{})}
		go c.run(c.open)
	}
	g, i = c.open, len(c.open.asked)
	g.waiting++
	g.asked = append(g.asked, asked)
	if len(g.asked) == c.most {
		close(g.full)
		c.open = nil
	}
	return g, i
}

// leave ends the call once nobody waits for it any more.
func (c *Batcher[I, O]) leave(g *call[I, O]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.waiting--; g.waiting == 0 {
		g.cancel()
	}
}

// run closes a call when it is full or its time is over, and makes it.
func (c *Batcher[I, O]) run(g *call[I, O]) {
	defer g.cancel()
	defer close(g.done)
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-g.full:
	case <-late.C:
	}
	c.mu.Lock()
	if c.open == g {
		c.open = nil
	}
	c.mu.Unlock()
	g.answers = c.send(g.ctx, g.asked)
}
