package merchant

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/gst"
)

// maxCached is the number of profiles at which the cache is emptied, to bound its memory.
const maxCached = 1000

// Cache remembers profiles, so that a warm instance can assess a request while it reads the
// profile in force. The caller compares the two: a remembered profile may be out of date.
type Cache struct {
	Store interface {
		Get(ctx context.Context, id string) (Profile, error)
		MarkInUse(id string, gstin gst.GSTIN) (types.TransactWriteItem, error)
	}

	mu       sync.Mutex
	profiles map[string]Profile
}

// Get returns the profile as last read, or reads it. Errors are not remembered.
func (c *Cache) Get(ctx context.Context, id string) (Profile, error) {
	if p, ok := c.lookUp(id); ok {
		return p, nil
	}
	return c.Read(ctx, id)
}

// Read reads the profile in force and remembers it.
func (c *Cache) Read(ctx context.Context, id string) (Profile, error) {
	p, err := c.Store.Get(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.profiles == nil || len(c.profiles) >= maxCached {
		c.profiles = map[string]Profile{}
	}
	c.profiles[id] = p
	return p, nil
}

// MarkInUse is that of the store.
func (c *Cache) MarkInUse(id string, gstin gst.GSTIN) (types.TransactWriteItem, error) {
	return c.Store.MarkInUse(id, gstin)
}

func (c *Cache) lookUp(id string) (Profile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.profiles[id]
	return p, ok
}
