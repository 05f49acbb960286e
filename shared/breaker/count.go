package breaker

import (
	"context"
	"strings"
	"time"
)

// names of the attributes that are reserved words, as far as they are used.
func names(expression string) map[string]string {
	used := map[string]string{}
	for alias, name := range map[string]string{"#s": "state", "#w": "window"} {
		if strings.Contains(expression, alias) {
			used[alias] = name
		}
	}
	if len(used) == 0 {
		return nil
	}
	return used
}

// Done tells how the call went. A refusal by the dependency is an answer: ok. What
// cannot be written is let be: the next call tells it again.
func (p Permit) Done(ctx context.Context, ok bool) {
	switch {
	case p.probe != "":
		p.settle(ctx, ok)
	case ok:
		p.b.succeeded(ctx)
	default:
		p.b.failed(ctx)
	}
}

// settle ends a probe: closed, or open for another while. Only the probe that the
// generation was lent to has a say.
func (p Permit) settle(ctx context.Context, ok bool) {
	b := p.b
	change := "SET #s = :closed, generation = :next, calls = :zero, failures = :zero, last_calls = :zero, last_failures = :zero REMOVE probe_until, probe_owner"
	values := map[string]any{":g": p.generation, ":next": p.generation + 1, ":me": p.probe, ":closed": Closed, ":zero": 0}
	if !ok {
		change = "SET #s = :open, generation = :next, open_until = :until REMOVE probe_until, probe_owner"
		values = map[string]any{":g": p.generation, ":next": p.generation + 1, ":me": p.probe, ":open": Open, ":until": b.now().Add(b.cfg.Reset).UnixMilli()}
	}
	_, _ = b.update(ctx, change, "generation = :g AND probe_owner = :me", values)
}

// succeeded counts in memory. Where failures are known it reports, once a second.
func (b *Breaker) succeeded(ctx context.Context) {
	b.mu.Lock()
	b.calls++
	troubled := b.seen.Failures > 0 && b.window()-b.seen.Window <= 1
	due := troubled && b.now().Sub(b.flushed) >= time.Second
	calls := b.calls
	if due {
		b.calls, b.flushed = 0, b.now()
	}
	b.mu.Unlock()
	if due {
		_, _ = b.report(ctx, calls, 0)
	}
}

// failed reports at once, with the calls that went well since the last report, and
// opens when the fleet's count says so.
func (b *Breaker) failed(ctx context.Context) {
	b.mu.Lock()
	calls := b.calls + 1
	b.calls, b.flushed = 0, b.now()
	b.mu.Unlock()
	s, err := b.report(ctx, calls, 1)
	if err != nil || s.State == Open || !b.tripped(s) {
		return
	}
	_, _ = b.update(ctx, "SET #s = :open, open_until = :until, generation = :next",
		"#s <> :open AND generation = :g",
		map[string]any{":open": Open, ":until": b.now().Add(b.cfg.Reset).UnixMilli(), ":g": s.Generation, ":next": s.Generation + 1})
}

// tripped weighs the window before by what of it lies within the last Window.
func (b *Breaker) tripped(s State) bool {
	elapsed := b.now().UnixMilli() % b.cfg.Window.Milliseconds()
	left := b.cfg.Window.Milliseconds() - elapsed
	calls := s.Calls + s.LastCalls*left/b.cfg.Window.Milliseconds()
	failures := s.Failures + s.LastFails*left/b.cfg.Window.Milliseconds()
	return calls >= b.cfg.MinCalls && 2*failures >= calls
}

func (b *Breaker) window() int64 { return b.now().UnixMilli() / b.cfg.Window.Milliseconds() }

// report adds to the window's counts, turning the page when a new one has begun.
func (b *Breaker) report(ctx context.Context, calls, failures int64) (State, error) {
	const rounds = 3
	var err error
	for range rounds {
		current := b.window()
		var s State
		s, err = b.update(ctx, "ADD calls :c, failures :f", "#w = :w", map[string]any{":c": calls, ":f": failures, ":w": current})
		if err == nil {
			return s, nil
		}
		if s, err = b.turn(ctx, current, calls, failures); err == nil {
			return s, nil
		}
	}
	return State{}, err
}

// turn begins a window. What was counted in the one just before is kept.
func (b *Breaker) turn(ctx context.Context, current, calls, failures int64) (State, error) {
	b.mu.Lock()
	old := b.seen
	b.mu.Unlock()
	if old.Window != current-1 {
		old.Calls, old.Failures = 0, 0
	}
	return b.update(ctx,
		"SET #w = :w, calls = :c, failures = :f, last_calls = :lc, last_failures = :lf, "+
			"#s = if_not_exists(#s, :closed), generation = if_not_exists(generation, :first)",
		"attribute_not_exists(#w) OR #w < :w",
		map[string]any{":w": current, ":c": calls, ":f": failures, ":lc": old.Calls, ":lf": old.Failures, ":closed": Closed, ":first": 1})
}
