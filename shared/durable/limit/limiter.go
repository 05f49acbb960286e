package limit

import (
	"context"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/resilience"
)

// Times of a Limiter.
const (
	interval      = 250 * time.Millisecond // between settlements of one key that many requests use
	patience      = time.Second            // between those of any other
	afterFailure  = time.Second            // from a settlement that failed to the next one
	settleTimeout = time.Second            // of one settlement
	joinTimeout   = 100 * time.Millisecond // by which a settlement may delay an answer
	maxKeys       = 1000                   // that a Limiter remembers
)

// partOfBurst is the part of a burst from which on requests are many: a twentieth.
const partOfBurst = 20

// Config configures a Limiter. All fields are needed, except OnFailure.
type Config struct {
	Policy Policy
	// Settle charges a key; Store.Settle does so in DynamoDB.
	Settle func(ctx context.Context, key string, c Charge) (State, error)
	Now    func() time.Time // awsclient.Clock.Now
	// OnFailure is called with the error of each settlement that failed. Its requests are owed.
	OnFailure func(ctx context.Context, err error)
}

// Limiter limits the keys of one policy in one process. It is safe for concurrent use, and
// remembers the 1,000 keys that were used last.
type Limiter struct {
	cfg Config

	mu       sync.Mutex
	accounts map[string]*account
	uses     int64 // calls of Allow
}

// New returns a Limiter that knows no key yet.
func New(cfg Config) *Limiter { return &Limiter{cfg: cfg, accounts: map[string]*account{}} }

// Decision is the verdict on one request.
type Decision struct {
	Allowed bool
	// RetryAfter is when a request is admitted again, if no other comes before it; 0 if Allowed.
	RetryAfter time.Duration
	// Remaining is how many requests would be admitted at once now, by what the process knows.
	Remaining int
	Policy    Policy // with the rate in force

	settled <-chan struct{} // closed when the settlement that this request began has ended
}

// Allow decides on a request of a merchant or client at once, and returns no error: without
// the table it admits. The caller joins the Decision before its answer.
func (l *Limiter) Allow(ctx context.Context, id string) Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := l.cfg.Policy.Key(id)
	a, now := l.account(key), l.cfg.Now().Round(0) // the monotonic clock may stand still in a frozen process
	d := Decision{Policy: Policy{Name: l.cfg.Policy.Name, Rate: a.rate}}
	if d.RetryAfter = a.admit(now); d.RetryAfter > 0 {
		return d
	}
	d.Allowed, d.Remaining = true, a.remaining(now)
	if a.due(now) {
		d.settled = l.settle(ctx, key, a, a.charge(now))
	}
	return d
}

// settle begins a settlement. The channel is closed when it has ended.
func (l *Limiter) settle(ctx context.Context, key string, a *account, c Charge) <-chan struct{} {
	done := make(chan struct{})
	// One attempt: when a reply is lost, a retry of the SDK would charge the requests again.
	ctx = resilience.WithoutRetries(context.WithoutCancel(ctx))
	go func() {
		defer close(done)
		limited, cancel := context.WithTimeout(ctx, settleTimeout)
		defer cancel()
		state, err := l.cfg.Settle(limited, key, c)
		l.apply(a, c, state, err)
		if err != nil && l.cfg.OnFailure != nil {
			l.cfg.OnFailure(ctx, err)
		}
	}()
	return done
}

// apply takes up the result of a settlement.
func (l *Limiter) apply(a *account, c Charge, state State, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		a.restore(l.cfg.Now().Round(0))
		return
	}
	a.learn(c, state, l.cfg.Policy.Rate)
}

// Join waits until the settlement that the request began has ended, for at most 100 ms or until
// ctx ends. A settlement that takes longer goes on while the process runs.
func (d Decision) Join(ctx context.Context) {
	if d.settled == nil {
		return
	}
	timer := time.NewTimer(joinTimeout)
	defer timer.Stop()
	select {
	case <-d.settled:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// account returns the account of a key. A new one takes the place of the one whose last use is
// the longest ago; what that one owes is lost.
func (l *Limiter) account(key string) *account {
	l.uses++
	a, known := l.accounts[key]
	if !known {
		if len(l.accounts) >= maxKeys {
			delete(l.accounts, l.leastUsed())
		}
		a = &account{rate: l.cfg.Policy.Rate}
		l.accounts[key] = a
	}
	a.used = l.uses
	return a
}

func (l *Limiter) leastUsed() string {
	least, first := "", int64(0)
	for key, a := range l.accounts {
		if least == "" || a.used < first {
			least, first = key, a.used
		}
	}
	return least
}
