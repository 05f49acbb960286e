package breaker

import (
	"context"
	"time"
)

// tellLimit is what the report of a suspicion may take.
const tellLimit = 3 * time.Second

// slowCall is a call that was counted as failed while it ran.
type slowCall struct {
	told    chan struct{} // closed once it was reported, or could not be
	counted bool
	window  int64 // in which it was counted
}

// watch raises a suspicion when the call runs for longer than Slow. On Lambda the
// timer runs for as long as the invocation waits for the call.
func (p *Permit) watch(ctx context.Context) {
	p.timer = time.AfterFunc(p.b.cfg.Slow, func() {
		p.mu.Lock()
		if p.ended {
			p.mu.Unlock()
			return
		}
		s := &slowCall{told: make(chan struct{})}
		p.suspicion = s
		p.mu.Unlock()
		defer close(s.told)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellLimit)
		defer cancel()
		s.window, s.counted = p.b.failed(ctx, p.generation)
	})
}

// confirm tells how a suspected call ended. A failure was counted already; a success
// takes it back, as long as its window is the one that is counted.
func (p *Permit) confirm(ctx context.Context, s *slowCall, ok bool) {
	<-s.told
	switch {
	case ok && s.counted:
		_, _ = p.b.update(ctx, "ADD failures :minus",
			"generation = :g AND #s = :closed AND #w = :w AND failures > :zero",
			map[string]any{":minus": -1, ":zero": 0, ":g": p.generation, ":closed": Closed, ":w": s.window})
	case !ok && !s.counted:
		p.b.failed(ctx, p.generation)
	}
}
