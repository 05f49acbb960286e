package merchant

import (
	"context"
	"sync"
	"time"
)

// maxCached bounds an instance's memory.
const maxCached = 1000

// Cache remembers profiles for a while, so that a warm instance issues an invoice
// without reading one. A change is seen by every instance after Age at the latest.
type Cache struct {
	Store interface {
		Get(ctx context.Context, id string) (Profile, error)
	}
	Age time.Duration
	Now func() time.Time

	mu   sync.Mutex
	seen map[string]cached
}

type cached struct {
	merchant Profile
	until    time.Time
}

// Get returns a profile at most Age old. Errors are not remembered.
func (c *Cache) Get(ctx context.Context, id string) (Profile, error) {
	if m, ok := c.fresh(id); ok {
		return m, nil
	}
	m, err := c.Store.Get(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil || len(c.seen) >= maxCached {
		c.seen = map[string]cached{}
	}
	c.seen[id] = cached{m, c.Now().Add(c.Age)}
	return m, nil
}

func (c *Cache) fresh(id string) (Profile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.seen[id]
	return e.merchant, ok && c.Now().Before(e.until)
}
