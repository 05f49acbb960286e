package breaker

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

// Permit is the right to make one call. The caller ends it with RecordSuccess, RecordFailure
// or Ignore; only the first of these counts.
type Permit struct {
	b          *Breaker
	generation int64
	probe      string // token of a probe; empty for a call through a closed breaker

	timer *time.Timer
	mu    sync.Mutex
	ended bool
	slow  *slowCall // set once the call has run for longer than Slow
}

// Probe reports whether the call is the fleet's one probe of an open breaker. The caller
// should make it once, without retries.
func (p *Permit) Probe() bool { return p.probe != "" }

// Acquire permits a call according to a snapshot, or returns an *OpenError. It makes no call
// to the table, except to acquire the probe of an open breaker that permits one.
func (b *Breaker) Acquire(ctx context.Context, s Snapshot) (*Permit, error) {
	if err := b.refusal(s); err != nil {
		return nil, err
	}
	if !b.beginCall() {
		if b.cfg.OnReject != nil {
			b.cfg.OnReject(ctx, b.cfg.Name)
		}
		return nil, &OpenError{b.cfg.Name, time.Second}
	}
	p := &Permit{b: b, generation: s.Generation}
	if s.State != Open {
		p.startSlowTimer(ctx)
		return p, nil
	}
	if err := p.acquireProbe(ctx); err != nil {
		p.end()
		return nil, &OpenError{b.cfg.Name, time.Second}
	}
	return p, nil
}

// Refusal returns the *OpenError with which Acquire would refuse a call now, if this process saw the
// breaker open when it last read it, and it still is; else nil. So a closed breaker costs no read here.
func (b *Breaker) Refusal(ctx context.Context) error {
	seen, _ := b.cachedState()
	if b.refusal(seen) == nil {
		return nil
	}
	return b.refusal(b.State(ctx))
}

// refusal returns an *OpenError while s is open and permits no probe.
func (b *Breaker) refusal(s Snapshot) error {
	if until := max(s.Until, s.ProbeUntil); s.State == Open && until > b.ms() {
		return &OpenError{b.cfg.Name, b.retryAfter(until)}
	}
	return nil
}

// retryAfter returns the time that an open breaker reports to callers: at most OpenFor, since
// a breaker that an operator forced open may be reset at any time, and at least a second.
func (b *Breaker) retryAfter(until int64) time.Duration {
	left := time.Duration(min(until-b.ms(), b.cfg.OpenFor.Milliseconds())) * time.Millisecond
	return max(left, time.Second)
}

// beginCall counts a call as in flight and reports whether the process may make it.
func (b *Breaker) beginCall() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inFlight >= b.cfg.InFlight {
		return false
	}
	b.inFlight++
	return true
}

func (p *Permit) acquireProbe(ctx context.Context) error {
	p.probe = rand.Text()
	now := p.b.ms()
	free := missing(attrProbeUntil).Or(expression.Name(attrProbeUntil).LessThanEqual(expression.Value(now)))
	_, err := p.b.update(ctx,
		set(map[string]any{attrProbeUntil: now + p.b.cfg.ProbeTimeout.Milliseconds(), attrProbeOwner: p.probe}),
		equal(attrGeneration, p.generation).And(equal(attrState, Open)).
			And(expression.Name(attrOpenUntil).LessThanEqual(expression.Value(now))).And(free))
	return err
}

// RecordSuccess records that the dependency answered; a refusal is an answer too. A result
// that cannot be written is skipped: the next call writes its own.
func (p *Permit) RecordSuccess(ctx context.Context) { p.record(ctx, true) }

// RecordFailure records that the dependency did not answer, or answered with a fault.
func (p *Permit) RecordFailure(ctx context.Context) { p.record(ctx, false) }

// Ignore ends a call whose result says nothing about the dependency, for example because the
// caller's own time ran out. The permit of an ignored probe expires after ProbeTimeout.
func (p *Permit) Ignore() { p.end() }

func (p *Permit) record(ctx context.Context, ok bool) {
	slow, first := p.end()
	switch {
	case !first:
	case p.probe != "":
		p.endProbe(ctx, ok)
	case slow != nil:
		p.correct(ctx, slow, ok)
	case ok:
		p.b.countSuccess(ctx, p.generation)
	default:
		p.b.countFailure(ctx, p.generation)
	}
}

// end returns the slow call that was counted while the call ran, or nil. first reports
// whether the permit had not ended before.
func (p *Permit) end() (slow *slowCall, first bool) {
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
	return p.slow, true
}

// endProbe closes the breaker or opens it for another OpenFor. Only the probe that owns the
// generation's permit may do so.
func (p *Permit) endProbe(ctx context.Context, ok bool) {
	b := p.b
	change := b.transition(p.generation, Open, b.ms()+b.cfg.OpenFor.Milliseconds(), Automatic, "the probe failed")
	if ok {
		change = b.transition(p.generation, Closed, 0, Automatic, "the probe succeeded")
	}
	_, _ = b.update(ctx, reset(change), equal(attrGeneration, p.generation).And(equal(attrProbeOwner, p.probe)))
}
