package inventory

import "sync"

// maxHot bounds the SKUs that a process remembers as hot.
const maxHot = 1000

// owned identifies a merchant's SKU.
type owned struct{ merchantID, sku string }

// hot has the SKUs whose stock item was split, busy or short when this process last saw it. Their
// reservations read before they write. It only saves tries: whatever it has, the conditions decide.
type hot struct {
	mu  sync.Mutex
	all map[owned]bool
}

func (h *hot) has(of owned) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[of]
}

func (h *hot) set(of owned, isHot bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, of)
	if isHot {
		if len(h.all) >= maxHot {
			clear(h.all)
		}
		h.all[of] = true
	}
}
