package merchant

import (
	"context"
	"sync"
	"time"
)

// maxCached is the number of profiles at which the cache is emptied, to bound its memory.
const maxCached = 1000

// Cache caches profiles, so that a warm instance issues an invoice without reading one. A
// change reaches every instance after Age at the latest.
type Cache struct {
	Store interface {
		Get(ctx context.Context, id string) (Profile, error)
	}
	Age time.Duration
	Now func() time.Time

	mu       sync.Mutex
	profiles map[string]cachedProfile
}

type cachedProfile struct {
	profile Profile
	until   time.Time
}

// Get returns a profile that was read at most Age ago. Errors are not cached.
func (c *Cache) Get(ctx context.Context, id string) (Profile, error) {
	if p, ok := c.cached(id); ok {
		return p, nil
	}
	p, err := c.Store.Get(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.profiles == nil || len(c.profiles) >= maxCached {
		c.profiles = map[string]cachedProfile{}
	}
	c.profiles[id] = cachedProfile{p, c.Now().Add(c.Age)}
	return p, nil
}

func (c *Cache) cached(id string) (Profile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.profiles[id]
	return p.profile, ok && c.Now().Before(p.until)
}
