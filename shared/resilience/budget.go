package resilience

import "sync"

// Bounds of a Budget, in tenths of a retry.
const (
	perCall  = 1
	perRetry = 10
	reserve  = 50
)

// Budget bounds retries to a tenth of the calls that went well, and a reserve of
// five, which is also the most that is saved up. The zero value is a full one.
type Budget struct {
	mu    sync.Mutex
	spent int // of the reserve
}

// Earned notes a call that went well.
func (b *Budget) Earned() { b.give(perCall) }

// Spend takes a retry's worth, or tells that there is none.
func (b *Budget) Spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent+perRetry > reserve {
		return false
	}
	b.spent += perRetry
	return true
}

func (b *Budget) give(tenths int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-tenths)
}
