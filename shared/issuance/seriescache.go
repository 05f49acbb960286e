package issuance

import "sync"

// maxCachedSeries bounds the memory of an instance that serves many series.
const maxCachedSeries = 1024

// seriesCache remembers where series stood when this instance last allocated from them.
// It saves a read and is never trusted: the commit's condition decides.
type seriesCache struct {
	mu   sync.Mutex
	next map[string]int64
}

func (c *seriesCache) get(series string) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.next[series]
	return n, ok
}

func (c *seriesCache) put(series string, next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil || len(c.next) >= maxCachedSeries {
		c.next = map[string]int64{}
	}
	c.next[series] = next
}
