package limit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/resilience"
)

var Slack = 250 * time.Millisecond

const merchant = "merchant-123"

var errAway = errors.New("the table is away")

// move is the closed formula of a charge: what Store.Settle does in two updates.
func move(tat time.Time, c limit.Charge) time.Time {
	switch {
	case tat.Before(c.Since.Add(-250*time.Millisecond)) || tat.After(c.Now.Add(5*time.Minute)):
		return c.Since.Add(c.Amount)
	case tat.After(c.Limit):
		return tat
	default:
		return tat.Add(c.Amount)
	}
}

// fixture is a fleet that shares one table in memory and the clock of a bubble.
type fixture struct {
	rate   limit.Rate
	wrong  time.Duration // what the clock shows too much
	writes int           // write units: two of a settlement whose first update is refused
	takes  time.Duration // by each settlement
	fault  func() (apply bool, err error)

	mu    sync.Mutex
	saw   []limit.Charge
	state map[string]limit.State
}

// simulate runs a test in a bubble.
func simulate(t *testing.T, r limit.Rate, test func(t *testing.T, f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, &fixture{rate: r, state: map[string]limit.State{}}) })
}

func (f *fixture) now() time.Time { return time.Now().Add(f.wrong) } //nolint:forbidigo // the bubble's clock

func (f *fixture) advance(d time.Duration) { _ = resilience.Sleep(context.Background(), d) }

func (f *fixture) settle(ctx context.Context, key string, c limit.Charge) (limit.State, error) {
	if f.takes > 0 && resilience.Sleep(ctx, f.takes) != nil {
		return limit.State{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.saw = append(f.saw, c)
	if f.writes++; c.Ahead != (move(f.state[key].TAT, c) != c.Since.Add(c.Amount)) {
		f.writes++
	}
	apply, err := true, error(nil)
	if f.fault != nil {
		apply, err = f.fault()
	}
	s := f.state[key]
	if apply {
		s.TAT = move(s.TAT, c)
		f.state[key] = s
	}
	return s, err
}

// rest advances the clock, and waits for settlements that no request joins.
func (f *fixture) rest(d time.Duration) {
	f.advance(d)
	synctest.Wait()
}

// process returns the limiter of a process that has just started.
func (f *fixture) process() *limit.Limiter {
	return limit.New(limit.Config{Policy: f.policy(), Settle: f.settle, Now: f.now})
}

func (f *fixture) policy() limit.Policy { return limit.Policy{Name: "merchant", Rate: f.rate} }

// request makes a request and joins its settlement.
func request(t require.TestingT, l *limit.Limiter) limit.Decision {
	d := l.Allow(context.Background(), merchant)
	d.Join(context.Background())
	if d.Allowed {
		require.Zero(t, d.RetryAfter)
	} else {
		require.Positive(t, d.RetryAfter)
		require.Zero(t, d.Remaining)
	}
	return d
}

// burst makes n requests at once and returns how many were admitted.
func burst(t *testing.T, l *limit.Limiter, n int) int {
	t.Helper()
	admitted := 0
	for range n {
		if request(t, l).Allowed {
			admitted++
		}
	}
	return admitted
}
