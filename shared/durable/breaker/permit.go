package breaker

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// Permit is the right to make one call. Done is told how the call went, or Drop
// that nothing is known of it; one of them must be called, and the first counts.
type Permit struct {
	b          *Breaker
	generation int64
	probe      string // token of a probe; empty for a call through a closed breaker

	timer     *time.Timer
	mu        sync.Mutex
	ended     bool
	suspicion *slowCall
}

// Probe tells whether the call is the fleet's one try of an open breaker. It should
// be made once, without retries.
func (p *Permit) Probe() bool { return p.probe != "" }

// Acquire lets a call through a breaker that was seen in a state, or returns an
// *OpenError. It makes no call of its own but for the probe of an open breaker
// whose time is up.
func (b *Breaker) Acquire(ctx context.Context, seen Snapshot) (*Permit, error) {
	if until := max(seen.Until, seen.ProbeUntil); seen.State == Open && until > b.ms() {
		return nil, &OpenError{b.cfg.Name, b.wait(until)}
	}
	if !b.enter() {
		if b.cfg.OnReject != nil {
			b.cfg.OnReject(ctx, b.cfg.Name)
		}
		return nil, &OpenError{b.cfg.Name, time.Second}
	}
	p := &Permit{b: b, generation: seen.Generation}
	if seen.State != Open {
		p.watch(ctx)
		return p, nil
	}
	if err := p.takeProbe(ctx); err != nil {
		p.end()
		return nil, &OpenError{b.cfg.Name, time.Second}
	}
	return p, nil
}

// enter counts a call as under way, unless this process has too many.
func (b *Breaker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inFlight >= b.cfg.InFlight {
		return false
	}
	b.inFlight++
	return true
}

// takeProbe asks for the fleet's one permit.
func (p *Permit) takeProbe(ctx context.Context) error {
	p.probe = rand.Text()
	now := p.b.ms()
	_, err := p.b.update(ctx, "SET probe_until = :until, probe_owner = :me",
		"generation = :g AND #s = :open AND open_until <= :now AND (attribute_not_exists(probe_until) OR probe_until <= :now)",
		map[string]any{":until": now + p.b.cfg.ProbeTimeout.Milliseconds(), ":me": p.probe, ":g": p.generation, ":open": Open, ":now": now})
	return err
}

// Done tells how the call went. A refusal by the dependency is an answer: ok. What
// cannot be written is let be: the next call tells it again.
func (p *Permit) Done(ctx context.Context, ok bool) {
	suspected, first := p.end()
	switch {
	case !first:
	case p.probe != "":
		p.settle(ctx, ok)
	case suspected != nil:
		p.confirm(ctx, suspected, ok)
	case ok:
		p.b.succeeded(ctx, p.generation)
	default:
		p.b.failed(ctx, p.generation)
	}
}

// Ignore ends a call that says nothing of the dependency: its caller ran out of time
// of its own. A dropped probe's permit expires.
func (p *Permit) Ignore() { p.end() }

// end returns the suspicion that was raised while the call ran, or nil, and whether
// the call had not ended before.
func (p *Permit) end() (raised *slowCall, first bool) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil, false
	}
	p.ended = true
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	p.b.inFlight--
	return p.suspicion, true
}

// settle ends a probe: closed, or open for another while. Only the probe that the
// generation was lent to has a say.
func (p *Permit) settle(ctx context.Context, ok bool) {
	b := p.b
	values := map[string]any{":g": p.generation, ":next": p.generation + 1, ":me": p.probe, ":now": b.ms(), ":by": Automatic}
	change := "SET #s = :state, generation = :next, open_until = :until, changed_at = :now, changed_by = :by, reason = :why, " +
		"calls = :zero, failures = :zero, last_calls = :zero, last_failures = :zero REMOVE probe_until, probe_owner"
	values[":state"], values[":until"], values[":why"], values[":zero"] = Open, b.ms()+b.cfg.OpenFor.Milliseconds(), "the probe failed", 0
	if ok {
		values[":state"], values[":until"], values[":why"] = Closed, 0, "the probe succeeded"
	}
	_, _ = b.update(ctx, change, "generation = :g AND probe_owner = :me", values)
}
