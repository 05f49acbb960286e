package issuance

import "sync"

// maxCachedSeries bounds the memory of an instance that serves many series.
const maxCachedSeries = 1024

// seriesCache remember where series stood when this instance last allocated from them.
// They save a read and are never trusted: the commit's condition decides.
type seriesCache struct {
	mu   sync.Mutex
	next map[string]int64
}

func (h *seriesCache) get(series string) (int64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, ok := h.next[series]
	return n, ok
}

func (h *seriesCache) put(series string, next int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next == nil || len(h.next) >= maxCachedSeries {
		h.next = map[string]int64{}
	}
	h.next[series] = next
}
