package breaker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Bounds of counting.
const (
	recent  = 1000            // ms that a success speaks for, before a failure is known
	maxSkew = 5 * time.Minute // a window that is further ahead was begun by a wrong clock
)

// errMoved says that a call belongs to a generation that is over.
var errMoved = errors.New("the breaker has moved on since the call was let through")

// succeeded counts in memory, and forgets what is older than a second: an hour that
// went well must not outvote the first failures. Where failures are known it
// reports, once a second.
func (b *Breaker) succeeded(ctx context.Context, generation int64) {
	b.mu.Lock()
	if b.seen.Generation != generation || b.seen.Forced {
		b.mu.Unlock()
		return
	}
	troubled := b.seen.Failures > 0 && b.window()-b.seen.Window <= 1
	full := b.stale()
	if full && !troubled {
		b.calls, b.since = 0, b.ms()
	}
	b.calls++
	due, calls := full && troubled, b.calls
	if due {
		b.calls, b.since = 0, b.ms()
	}
	b.mu.Unlock()
	if due {
		_, _ = b.report(ctx, generation, calls, 0)
	}
}

// stale tells whether the calls in memory were counted for a second or more.
func (b *Breaker) stale() bool {
	age := b.ms() - b.since
	return age < 0 || age >= recent
}

// failed reports at once, with the calls that went well in the second before, and
// opens when the fleet's count says so. It tells whether and in which window the
// failure was counted.
func (b *Breaker) failed(ctx context.Context, generation int64) (window int64, counted bool) {
	b.mu.Lock()
	if b.seen.Generation != generation || b.seen.Forced {
		b.mu.Unlock()
		return 0, false
	}
	calls := int64(1)
	if !b.stale() {
		calls += b.calls
	}
	b.calls, b.since = 0, b.ms()
	b.mu.Unlock()
	s, err := b.report(ctx, generation, calls, 1)
	if err != nil {
		return 0, false
	}
	if b.tripped(s) {
		b.open(ctx, s)
	}
	return s.Window, true
}

func (b *Breaker) open(ctx context.Context, s Snapshot) {
	_, _ = b.update(ctx, "SET #s = :open, open_until = :until, generation = :next, changed_at = :now, changed_by = :by, reason = :why",
		"#s = :closed AND generation = :g",
		map[string]any{
			":open": Open, ":closed": Closed, ":until": b.ms() + b.cfg.OpenFor.Milliseconds(), ":g": s.Generation, ":next": s.Generation + 1,
			":now": b.ms(), ":by": Automatic, ":why": fmt.Sprintf("%d of %d calls failed", s.Failures+s.LastFails, s.Calls+s.LastCalls),
		})
}

// tripped weighs the window before by what of it lies within the last Window. One
// that a clock ahead of this one began has only just begun.
func (b *Breaker) tripped(s Snapshot) bool {
	span := b.cfg.Window.Milliseconds()
	left := span - min(max(b.ms()-s.Window*span, 0), span)
	calls := s.Calls + s.LastCalls*left/span
	failures := s.Failures + s.LastFails*left/span
	return calls >= b.cfg.MinCalls && 100*failures >= b.cfg.Percent*calls
}

func (b *Breaker) window() int64 { return b.ms() / b.cfg.Window.Milliseconds() }

// report adds to the counts of the window, turning the page when a new one has
// begun. A process whose clock is behind counts in the window that it finds.
func (b *Breaker) report(ctx context.Context, generation, calls, failures int64) (Snapshot, error) {
	const rounds = 3
	var err error
	for range rounds {
		current := b.window()
		var s Snapshot
		s, err = b.update(ctx, "ADD calls :c, failures :f",
			"generation = :g AND #s = :closed AND #w BETWEEN :w AND :far",
			map[string]any{":c": calls, ":f": failures, ":w": current, ":far": b.maxWindow(current), ":g": generation, ":closed": Closed})
		if err == nil || !dynamo.ConditionFailed(err) {
			return s, err
		}
		if len(dynamo.ConflictingItem(err)) > 0 && (s.Generation != generation || s.State != Closed) {
			return Snapshot{}, errMoved
		}
		if s, err = b.rotate(ctx, s, generation, current, calls, failures); err == nil {
			return s, nil
		}
	}
	return Snapshot{}, err
}

// maxWindow is the number of the first window that only a wrong clock can have begun.
func (b *Breaker) maxWindow(current int64) int64 {
	return current + int64(maxSkew/b.cfg.Window) + 1
}

// rotate begins a window. What was counted in the one just before is kept.
func (b *Breaker) rotate(ctx context.Context, old Snapshot, generation, current, calls, failures int64) (Snapshot, error) {
	if old.Window != current-1 {
		old.Calls, old.Failures = 0, 0
	}
	return b.update(ctx,
		"SET #w = :w, calls = :c, failures = :f, last_calls = :lc, last_failures = :lf, #s = :closed, generation = :g",
		"attribute_not_exists(generation) OR (generation = :g AND #s = :closed AND (attribute_not_exists(#w) OR #w < :w OR #w > :far))",
		map[string]any{
			":w": current, ":far": b.maxWindow(current), ":c": calls, ":f": failures, ":lc": old.Calls, ":lf": old.Failures,
			":closed": Closed, ":g": generation,
		})
}
