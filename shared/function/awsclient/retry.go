package awsclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/invochain/invochain/shared/resilience"
)

// Waits between attempts, with full jitter, and the least time that a further
// attempt needs.
const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Second
	worthTrying  = 200 * time.Millisecond
)

// Why an attempt that failed was the last.
var (
	errOnce   = errors.New("the call is made once only")
	errNoTime = errors.New("no time is left for another attempt")
	errBudget = errors.New("the retry budget is used up")
)

// retryer is the SDK's, which knows what may be tried again, with each dependency's
// own budget in place of one bucket that allows a process dozens of retries.
type retryer struct {
	*retry.Standard
	limiters
}

func newRetryer(g limiters) retryer {
	return retryer{limiters: g, Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter = resilience.Attempts, ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			b := resilience.Backoff{First: firstBackoff << max(attempt-1, 0), Last: lastBackoff}
			return b.Next(), nil
		})
	})}
}

// GetAttemptToken implements aws.RetryerV2: a call that goes well earns.
func (r retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return func(err error) error {
		if of, known := r.of[serviceOf(ctx)]; known && err == nil {
			of.budget.Earned()
		}
		return nil
	}, nil
}

// GetRetryToken implements aws.Retryer: the error that it returns is joined to the
// call's own.
func (r retryer) GetRetryToken(ctx context.Context, _ error) (func(error) error, error) {
	of, known := r.of[serviceOf(ctx)]
	switch {
	case resilience.RetriesDisabled(ctx):
		return nil, errOnce
	case timeLeft(ctx) < worthTrying:
		return nil, errNoTime
	case known && !of.budget.Spend():
		return nil, fmt.Errorf("%s: %w", of.dependency, errBudget)
	case known:
		call(ctx, r.OnRetry, of.dependency)
	}
	return func(error) error { return nil }, nil
}
