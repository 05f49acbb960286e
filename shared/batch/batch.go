// Package batch combines concurrent calls into one, such as the reads and sends of the
// handlers of a queue's messages.
package batch

import (
	"context"
	"sync"
	"time"
)

// linger is how long a batch stays open for more items.
const linger = 2 * time.Millisecond

// Result is the result of one item of a batch.
type Result[O any] struct {
	Value O
	Err   error
}

// Batcher combines the items of concurrent callers into batches. Each caller waits for the
// result of its own item.
type Batcher[I, O any] struct {
	size int
	send func(ctx context.Context, items []I) []Result[O]

	mu   sync.Mutex
	open *batch[I, O] // accepts items; nil if there is none
}

// batch is shared by the callers of its items.
type batch[I, O any] struct {
	ctx     context.Context //nolint:containedctx // shared by the callers
	cancel  context.CancelFunc
	waiting int // callers
	full    chan struct{}
	done    chan struct{}
	items   []I
	results []Result[O]
}

// New returns a Batcher whose batches have at most size items. send returns the results in the order
// of the items. Its context has the values of the first caller's context, and ends when no
// caller waits any more.
func New[I, O any](size int, send func(ctx context.Context, items []I) []Result[O]) *Batcher[I, O] {
	return &Batcher[I, O]{size: size, send: send}
}

// Do adds item to a batch, which is sent when it is full or 2 ms after its first item, and
// returns the item's result. If ctx ends first, Do returns its error, and the item may
// still be processed.
func (b *Batcher[I, O]) Do(ctx context.Context, item I) (O, error) {
	joined, i := b.join(ctx, item)
	select {
	case <-joined.done:
		return joined.results[i].Value, joined.results[i].Err
	case <-ctx.Done():
		b.leave(joined)
		var none O
		return none, ctx.Err()
	}
}

// join adds item to the open batch, or opens one, and returns the item's index.
func (b *Batcher[I, O]) join(ctx context.Context, item I) (joined *batch[I, O], i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // run calls it
		b.open = &batch[I, O]{ctx: shared, cancel: cancel, full: make(chan struct{}), done: make(chan struct{})}
		go b.run(b.open)
	}
	joined, i = b.open, len(b.open.items)
	joined.waiting++
	joined.items = append(joined.items, item)
	if len(joined.items) == b.size {
		close(joined.full)
		b.open = nil
	}
	return joined, i
}

// leave removes a caller from its batch, and cancels the batch if it was the last one.
func (b *Batcher[I, O]) leave(left *batch[I, O]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if left.waiting--; left.waiting == 0 {
		left.cancel()
	}
}

// run waits until a batch is full or has lingered, closes it and sends it.
func (b *Batcher[I, O]) run(own *batch[I, O]) {
	defer own.cancel()
	defer close(own.done)
	timer := time.NewTimer(linger)
	defer timer.Stop()
	select {
	case <-own.full:
	case <-timer.C:
	}
	b.mu.Lock()
	if b.open == own {
		b.open = nil
	}
	b.mu.Unlock()
	own.results = b.send(own.ctx, own.items)
}
