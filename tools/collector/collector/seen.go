package collector

import (
	"crypto/sha256"
	"time"
)

// dedupe remembers the ids of batches in two generations. When the young one is full
// or old enough, the one before it is forgotten: so an id is known for at least age,
// unless more than limit come within that time, and memory has a bound.
type dedupe struct {
	age        time.Duration
	limit      int
	young, old generation
}

type generation struct {
	ids   map[[16]byte]struct{}
	since time.Time
}

// has tells whether the id is known.
func (s *dedupe) has(id string) bool {
	short := shorten(id)
	_, young := s.young.ids[short]
	_, old := s.old.ids[short]
	return young || old
}

func (s *dedupe) add(id string, now time.Time) {
	s.turn(now)
	s.young.ids[shorten(id)] = struct{}{}
}

// shorten gives every id the same length, and to no two the same.
func shorten(id string) [16]byte {
	sum := sha256.Sum256([]byte(id))
	return [16]byte(sum[:16])
}

// forgotten tells whether a batch recorded at that time may have been here before
// without its id being known any more.
func (s *dedupe) forgotten(recorded, now time.Time) bool {
	s.turn(now)
	return recorded.Before(s.old.since)
}

func (s *dedupe) turn(now time.Time) {
	if s.young.since.After(now) { // the clock went back
		s.young.since = now
	}
	if s.old.since.After(now) {
		s.old.since = now
	}
	if s.young.ids != nil && len(s.young.ids) < s.limit && now.Sub(s.young.since) < s.age {
		return
	}
	s.old = s.young
	s.young = generation{map[[16]byte]struct{}{}, now}
}
