package breaker

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

// slowCallTimeout bounds the write that counts a slow call.
const slowCallTimeout = 3 * time.Second

// slowCall is a call that was counted as a failure while it ran.
type slowCall struct {
	done    chan struct{} // closed once the failure is written, or could not be
	counted bool
	window  int64 // in which it was counted
}

// startSlowTimer counts the call as a failure when it runs for longer than Slow. On Lambda
// the timer runs for as long as the invocation waits for the call.
func (p *Permit) startSlowTimer(ctx context.Context) {
	p.timer = time.AfterFunc(p.b.cfg.Slow, func() {
		p.mu.Lock()
		if p.ended {
			p.mu.Unlock()
			return
		}
		s := &slowCall{done: make(chan struct{})}
		p.slow = s
		p.mu.Unlock()
		defer close(s.done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), slowCallTimeout)
		defer cancel()
		s.window, s.counted = p.b.countFailure(ctx, p.generation)
	})
}

// correct records the result of a slow call. A failure is already counted. A success
// subtracts it, as long as its window is the current one.
func (p *Permit) correct(ctx context.Context, s *slowCall, ok bool) {
	<-s.done
	switch {
	case ok && s.counted:
		_, _ = p.b.update(ctx,
			expression.Add(expression.Name(attrFailures), expression.Value(-1)),
			closedIn(p.generation).And(equal(attrWindow, s.window)).
				And(expression.Name(attrFailures).GreaterThan(expression.Value(0))))
	case !ok && !s.counted:
		p.b.countFailure(ctx, p.generation)
	}
}
