package collector

import (
	"crypto/sha256"
	"time"
)

// dedupe remembers the ids of batches in two generations. Once the young generation is
// full or older than window, it replaces the old one, which is forgotten. So an id is
// remembered for at least window, unless more than limit ids come within that time, and
// memory is bounded.
type dedupe struct {
	window     time.Duration
	limit      int // ids of a generation
	young, old map[[16]byte]struct{}
	since      time.Time // when the young generation started
}

// has reports whether the id is remembered.
func (d *dedupe) has(id string) bool {
	short := shorten(id)
	_, young := d.young[short]
	_, old := d.old[short]
	return young || old
}

func (d *dedupe) add(id string, now time.Time) {
	if d.young == nil || len(d.young) >= d.limit || now.Sub(d.since) >= d.window {
		d.old, d.young, d.since = d.young, map[[16]byte]struct{}{}, now
	}
	d.young[shorten(id)] = struct{}{}
}

// shorten returns a hash, so that ids take the same memory whatever their length.
func shorten(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}
