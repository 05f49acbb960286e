package breaker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Bounds of counting.
const (
	maxCountAge = 1000            // ms for which successes in memory count, and between two writes of them
	maxSkew     = 5 * time.Minute // a window further ahead was begun by a wrong clock
)

// errStaleGeneration is returned for a call of a generation that is over.
var errStaleGeneration = errors.New("the call belongs to an earlier generation of the breaker")

// countSuccess counts in memory and discards counts older than a second: an hour of
// successes must not outvote the first failures. While the table holds recent failures, it
// also writes the count once a second.
func (b *Breaker) countSuccess(ctx context.Context, gen int64) {
	b.mu.Lock()
	if b.cached.Generation != gen || b.cached.Forced {
		b.mu.Unlock()
		return
	}
	failing := b.cached.Failures > 0 && b.currentWindow()-b.cached.Window <= 1
	old := b.countIsOld()
	if old && !failing {
		b.restartCount()
	}
	b.successes++
	write, n := old && failing, b.successes
	if write {
		b.restartCount()
	}
	b.mu.Unlock()
	if write {
		_, _ = b.addCounts(ctx, gen, n, 0)
	}
}

// countFailure writes at once, together with the successes of the last second, and opens the
// breaker if the fleet's counts require it. It reports in which window the failure was
// counted, and whether it was.
func (b *Breaker) countFailure(ctx context.Context, gen int64) (window int64, counted bool) {
	b.mu.Lock()
	if b.cached.Generation != gen || b.cached.Forced {
		b.mu.Unlock()
		return 0, false
	}
	n := int64(1)
	if !b.countIsOld() {
		n += b.successes
	}
	b.restartCount()
	b.mu.Unlock()
	s, err := b.addCounts(ctx, gen, n, 1)
	if err != nil {
		return 0, false
	}
	if b.shouldOpen(s) {
		b.open(ctx, s)
	}
	return s.Window, true
}

func (b *Breaker) countIsOld() bool {
	age := b.ms() - b.countedSince
	return age < 0 || age >= maxCountAge
}

func (b *Breaker) restartCount() { b.successes, b.countedSince = 0, b.ms() }

func (b *Breaker) open(ctx context.Context, s Snapshot) {
	why := fmt.Sprintf("%d of %d calls failed", s.Failures+s.LastFails, s.Calls+s.LastCalls)
	until := b.ms() + b.cfg.OpenFor.Milliseconds()
	_, _ = b.update(ctx, b.transition(s.Generation, Open, until, Automatic, why), closedIn(s.Generation))
}

// shouldOpen weights the previous window by the part of it that lies within the last Window.
// A window that a faster clock began counts as just begun.
func (b *Breaker) shouldOpen(s Snapshot) bool {
	span := b.cfg.Window.Milliseconds()
	left := span - min(max(b.ms()-s.Window*span, 0), span)
	calls := s.Calls + s.LastCalls*left/span
	failures := s.Failures + s.LastFails*left/span
	return calls >= b.cfg.MinCalls && 100*failures >= b.cfg.Percent*calls
}

// currentWindow returns the number of the window that the clock is in.
func (b *Breaker) currentWindow() int64 { return b.ms() / b.cfg.Window.Milliseconds() }

// maxWindow returns the last window number that a clock within maxSkew can have begun.
func (b *Breaker) maxWindow(current int64) int64 {
	return current + int64(maxSkew/b.cfg.Window) + 1
}

// addCounts adds to the counts of the window and begins a new window when it is time. A
// process whose clock is behind counts in the window that it finds.
func (b *Breaker) addCounts(ctx context.Context, gen, addCalls, addFailures int64) (Snapshot, error) {
	const attempts = 3
	var err error
	for range attempts {
		current := b.currentWindow()
		var s Snapshot
		s, err = b.update(ctx,
			expression.Add(expression.Name(attrCalls), expression.Value(addCalls)).
				Add(expression.Name(attrFailures), expression.Value(addFailures)),
			closedIn(gen).And(expression.Name(attrWindow).
				Between(expression.Value(current), expression.Value(b.maxWindow(current)))))
		if err == nil || !dynamo.ConditionFailed(err) {
			return s, err
		}
		if len(dynamo.ConflictingItem(err)) > 0 && (s.Generation != gen || s.State != Closed) {
			return Snapshot{}, errStaleGeneration
		}
		if s, err = b.rotate(ctx, s, gen, current, addCalls, addFailures); err == nil {
			return s, nil
		}
	}
	return Snapshot{}, err
}

// rotate begins the current window. The counts of the window just before become those of the
// previous window.
func (b *Breaker) rotate(
	ctx context.Context, old Snapshot, gen, current, newCalls, newFailures int64,
) (Snapshot, error) {
	if old.Window != current-1 {
		old.Calls, old.Failures = 0, 0
	}
	outdated := missing(attrWindow).
		Or(expression.Name(attrWindow).LessThan(expression.Value(current))).
		Or(expression.Name(attrWindow).GreaterThan(expression.Value(b.maxWindow(current))))
	return b.update(ctx,
		set(map[string]any{
			attrWindow: current, attrCalls: newCalls, attrFailures: newFailures,
			attrLastCalls: old.Calls, attrLastFailures: old.Failures,
			attrState: Closed, attrGeneration: gen,
		}),
		missing(attrGeneration).Or(closedIn(gen).And(outdated)))
}
