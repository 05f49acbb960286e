package idempotency

import (
	"container/list"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// cache keeps answered records in memory, the last used ones, so that a replay in the
// same process costs no call. An answer never changes until it expires, which is the
// one thing that is checked; a record deleted by hand is replayed until then.
type cache struct {
	limit int // bytes

	mu    sync.Mutex
	used  int
	order *list.List // of *cached, most recently used first
	roots map[string]*list.Element
}

type cached struct {
	root string
	item dynamo.Item
	rec  Record
}

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), roots: map[string]*list.Element{}}
}

// size is what an entry is taken to cost in bytes: its answer, and a sum for the rest.
func (c *cached) size() int { return len(c.rec.Body) + 2048 }

func (c *cache) get(root string, now time.Time) (Result, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, known := c.roots[root]
	if !known {
		return Result{}, false
	}
	kept, _ := e.Value.(*cached)
	if kept.rec.expired(now) {
		c.drop(e)
		return Result{}, false
	}
	c.order.MoveToFront(e)
	return Result{Status: Replay, Record: kept.rec, Item: kept.item}, true
}

func (c *cache) put(root string, f Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, known := c.roots[root]; known {
		c.drop(e)
	}
	kept := &cached{root, f.Item, f.Record}
	if kept.size() > c.limit {
		return
	}
	c.roots[root] = c.order.PushFront(kept)
	for c.used += kept.size(); c.used > c.limit; {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	kept, _ := c.order.Remove(e).(*cached)
	delete(c.roots, kept.root)
	c.used -= kept.size()
}
